"""What the lab remembers, hints, resets and progress: on real files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from graders.model import Status
from lab import working_copy
from lab.checking import asked_ids
from lab.verbs import check
from lab.working_copy import Progress, load_progress, save_progress
from tests.graders.report import samples
from tests.lab.conftest import Ran

STARTER = {f"modules/secrets/{name}.tf" for name in ("variables", "kms", "secret", "ecs", "iam", "outputs")}


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_STATE_DIR", str(tmp_path / "state"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "working-copy"
    made.mkdir()
    return made


def _files(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in root.rglob("*.tf")
        if ".lab" not in path.relative_to(root).parts
    }


def test_progress_comes_back(root: Path) -> None:
    """Is what was remembered read again, hints and verdicts alike?"""
    one = samples.every_status()[0]
    known = Progress().after(one, depth="full", checked="2026-11-23T12:00:00Z", next_step="x").with_hint("kms.key", 2)
    save_progress(root, known)
    assert load_progress(root) == known
    assert "runtime.audit" not in known.verdicts


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 2}', '{"schema": 1, "hints": 3}', "null"])
def test_a_broken_memory_is_an_empty_one(root: Path, text: str) -> None:
    """Does a progress file that somebody broke stop nobody?"""
    (root / ".lab").mkdir()
    (root / ".lab" / "progress.json").write_text(text, encoding="utf-8")
    assert load_progress(root) == Progress()


def test_a_shallow_check_keeps_what_a_deep_one_saw() -> None:
    """Does a check that does not run a requirement leave its last verdict, with the digest it was about?"""
    deep = Progress().after(samples.every_status()[1], depth="full", checked="1", next_step=None)
    shallow = samples.submission("x", (samples.row("kms.key", Status.NOT_RUN, points=4),))
    shallow = shallow.model_copy(update={"digest": "sha256:new"})
    both = deep.after(shallow, depth="plan", checked="2", next_step=None)
    assert both.verdicts["kms.key"] == deep.verdicts["kms.key"]
    assert both.digest == "sha256:new"


def test_reset_fills_an_empty_directory(lab: Callable[..., Ran], root: Path) -> None:
    """Does a reset of an empty directory bring the starter without asking?"""
    ran = lab("reset", "--dir", root)
    assert ran.code == 0, ran.err
    assert set(_files(root)) == STARTER
    assert "Backed up" not in ran.out


def test_reset_asks_before_it_replaces(lab: Callable[..., Ran], root: Path) -> None:
    """Is nothing touched when there is nobody to ask and no --yes?"""
    (root / "main.tf").write_text("# mine", encoding="utf-8")
    ran = lab("reset", "--dir", root)
    assert ran.code == 2
    assert _files(root) == {"main.tf": "# mine"}


def test_reset_backs_up_first(lab: Callable[..., Ran], root: Path) -> None:
    """Is everything that a reset takes away in the backup, and what is not Terraform's left alone?"""
    mine = {"main.tf": "# root", "modules/secrets/kms.tf": "# mine", "modules/secrets/more.tf": "# more"}
    for name, text in mine.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    (root / "notes.txt").write_text("keep", encoding="utf-8")
    assert lab("reset", "--yes", "--dir", root).code == 0
    (backup,) = (root / ".lab" / "backups").iterdir()
    assert _files(backup) == mine
    assert set(_files(root)) == STARTER
    assert (root / "notes.txt").read_text(encoding="utf-8") == "keep"


def test_reset_of_a_step_leaves_the_others(lab: Callable[..., Ran], root: Path) -> None:
    """Does a reset of one step touch that step's file only?"""
    lab("reset", "--dir", root)
    for name in ("kms", "iam"):
        (root / "modules" / "secrets" / f"{name}.tf").write_text("# mine", encoding="utf-8")
    assert lab("reset", "kms", "--yes", "--dir", root).code == 0
    files = _files(root)
    assert files["modules/secrets/iam.tf"] == "# mine"
    assert files["modules/secrets/kms.tf"] != "# mine"


def test_two_resets_in_a_second_are_two_backups(root: Path) -> None:
    """Does a second backup in the same second not write over the first?"""
    (root / "a.tf").write_text("1", encoding="utf-8")
    first = working_copy.back_up(root, [root / "a.tf"])
    (root / "a.tf").write_text("2", encoding="utf-8")
    second = working_copy.back_up(root, [root / "a.tf"])
    assert [(folder / "a.tf").read_text(encoding="utf-8") for folder in (first, second)] == ["1", "2"]


def test_every_step_has_starter_files() -> None:
    """Does each step of the rubric name files that the starter has?"""
    from lab.rubric import step_ids

    for step in step_ids():
        assert working_copy.starter(step), step
    assert set(working_copy.starter(None)) == STARTER


def test_hints_come_in_levels(lab: Callable[..., Ran], root: Path) -> None:
    """Does each call give the next hint, up to the third, and is that remembered?"""
    said = [lab("hint", "kms.rotation", "--dir", root).out.splitlines()[1] for _ in range(4)]
    assert [line.partition(":")[0] for line in said] == ["Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3", "Hint 3 of 3"]
    assert len(set(said)) == 3
    assert json.loads((root / ".lab" / "progress.json").read_text(encoding="utf-8"))["hints"] == {"kms.rotation": 3}
    assert lab("hint", "kms.rotation", "--level", "1", "--dir", root).out.splitlines()[1] == said[0]


def test_an_unknown_id_or_step_names_the_known_ones(lab: Callable[..., Ran], root: Path) -> None:
    """Is a mistyped id or step a usage error that helps?"""
    ran = lab("hint", "kms.rotatoin", "--dir", root)
    assert ran.code == 2
    assert "kms.rotation" in ran.err
    ran = lab("check", "kmss", "--dir", root)
    assert ran.code == 2
    assert "module, kms, secret, rotation, ecs, iam, runtime" in ran.err


def test_progress_says_where_you_left_off(lab: Callable[..., Ran], root: Path) -> None:
    """Does progress show points by step and the next step, and say so when there is nothing?"""
    assert "Next: lab check" in lab("progress", "--dir", root).out
    one = samples.every_status()[0]
    save_progress(root, Progress().after(one, depth="full", checked="2026-11-23T12:00:00Z", next_step="do this"))
    out = lab("progress", "--dir", root).out
    assert "KMS key       10/17" in out
    assert "Next: do this" in out


def test_verdict_of_all_kinds() -> None:
    """Does the exit code follow what was looked at, and does nothing seen never read as praise?"""
    good, mixed, nothing = samples.rows(Status.PASS), samples.rows(), samples.rows(Status.NOT_RUN)
    assert check.verdict(samples.submission("a", good), (), depth="full")[0] == 0
    assert check.verdict(samples.submission("a", mixed), (), depth="full")[0] == 1
    assert check.verdict(samples.submission("a", mixed), asked_ids(["secret"]), depth="full")[0] == 0
    code, lines = check.verdict(samples.submission("a", nothing), asked_ids(["kms"]), depth="plan", words=["kms"])
    assert code == 1
    assert lines == ["Nothing of kms can be seen at depth plan.", "Next: `lab check kms` without --depth looks deeper."]
    for status, expected in zip(samples.every_status()[2:5], (1, 1, 4), strict=True):
        assert check.verdict(status, (), depth="full")[0] == expected
    assert check.verdict(samples.submission("a", samples.rows(Status.ERROR)), (), depth="full")[0] == 4


def test_verdict_names_the_first_thing_to_do_in_the_steps_asked_for() -> None:
    """Is the one next step about the steps that were asked for?"""
    _, lines = check.verdict(samples.submission("a", samples.rows()), asked_ids(["iam"]), depth="full")
    assert lines[-1].startswith("Next: iam.least_privilege: ")
