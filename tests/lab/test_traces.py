"""What a grading leaves on the machine: for its user alone, and gone after `lab down --purge`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab_env.temporary import PREFIX
from solutions.corpus import load_corpus, materialise
from tests.lab.conftest import Ran

MARK = "only-in-this-learners-module"


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A state and a temporary directory of one's own."""
    state, temporary = tmp_path / "state", tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("LAB_STATE_DIR", str(state))
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    return state, temporary


def handed_in(directory: Path) -> Path:
    """The reference, with a word in it that is nowhere else."""
    root = materialise(load_corpus()["reference"], directory / "class")
    secret = root / "modules" / "secrets" / "secret.tf"
    secret.write_text(f"# {MARK}\n{secret.read_text()}".replace("ignore_changes", f"ignore_changes /* {MARK} */"))
    return root


def open_to_others(*roots: Path) -> Iterator[str]:
    """What somebody else may read or change, below these."""
    for root in roots:
        for path in (root, *root.rglob("*")):
            if path.stat().st_mode & 0o077 and not path.is_symlink():
                yield f"{path.relative_to(root.parent)} {path.stat().st_mode & 0o777:o}"


def told(*roots: Path) -> list[Path]:
    """The files that name the learner's module or its text, below these."""
    return [
        path
        for root in roots
        for path in root.rglob("*")
        if path.is_file()
        and (MARK in path.read_text(errors="replace") or '"reference"' in path.read_text(errors="replace"))
    ]


def test_purged(lab: Callable[..., Ran], places: tuple[Path, Path], tmp_path: Path) -> None:
    """Is what a grading kept named, and gone, with what a killed run left, while reports stay?"""
    state, temporary = places
    report = tmp_path / "reports" / "r.json"
    report.parent.mkdir()
    root = handed_in(tmp_path)
    assert lab("grade", root, "--depth", "static").code == 0
    assert lab("grade", root, "--depth", "static", "--json", report).code == 0
    assert told(state) != []
    left = temporary / f"{PREFIX}run.killed"
    left.mkdir()
    (left / "main.tf").write_text(MARK)
    said = lab("down", "--purge").out
    assert "Removed: verdicts and the evidence for them" in said
    assert f"in {state / 'evidence'})." in said
    assert f"in {state / 'runs'})." in said
    assert "stays" in said
    assert told(state, temporary) == []
    assert not left.exists()
    assert report.exists()
    assert "Removed:" not in lab("down", "--purge").out


def test_for_its_user_alone(lab: Callable[..., Ran], places: tuple[Path, Path], tmp_path: Path) -> None:
    """May nobody else read what a grading keeps or writes: state, ledger, reports, feedback?"""
    state, _ = places
    out = tmp_path / "out"
    out.mkdir(mode=0o700)
    words = [
        word for kind in ("json", "html", "csv", "junit", "sarif") for word in (f"--{kind}", str(out / f"r.{kind}"))
    ]
    ran = lab("grade", handed_in(tmp_path), "--depth", "static", *words, "--feedback", out / "feedback")
    assert ran.code == 0, ran.err
    assert len(list(out.iterdir())) >= 6
    assert list(open_to_others(state, out)) == []


def test_a_course_for_its_user_alone(lab: Callable[..., Ran], tmp_path: Path) -> None:
    """May nobody else look into a course's directory?"""
    assert lab("course", "new", tmp_path / "course").code == 0
    assert (tmp_path / "course").stat().st_mode & 0o777 == 0o700
