"""The verbs on a real engine with real Terraform."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from lab.verbs.demo import CLASS
from lab_env import engine as engines
from solutions.corpus import load_corpus, materialise
from tests.installations import VERSION, another
from tests.lab.conftest import Ran

pytestmark = [pytest.mark.engine, pytest.mark.terraform]


@pytest.fixture
def lab_with_engine(
    lab: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Ran]]:
    """The console script with an engine of its own, which ends with the test."""
    monkeypatch.setenv("LAB_STATE_DIR", str(tmp_path / "state"))
    yield lab
    lab("down", "--purge", "--all")


def test_up_status_down(lab_with_engine: Callable[..., Ran]) -> None:
    """Does the engine start, show itself, and end?"""
    lab = lab_with_engine
    assert "not running" in lab("status").out
    assert "http://127.0.0.1:" in lab("up").out
    assert "http://127.0.0.1:" in lab("status").out
    assert "is stopped" in lab("down").out
    assert "was not running" in lab("down").out


def test_down_spares_an_engine_in_use(lab_with_engine: Callable[..., Ran]) -> None:
    """Is an engine that a run uses spared by down, the run named there and in status, and the engine stopped by --all?"""
    lab = lab_with_engine
    lab("up")
    with engines.using(engines.connect()):
        assert f"In use by process {os.getpid()}" in lab("status").out
        refused = lab("down", "--purge")
        assert (refused.code, f"in use by process {os.getpid()}" in refused.err) == (2, True)
        assert "lab down --all" in refused.err
        assert engines.status().running
        assert "is stopped" in lab("down", "--all").out
    assert not engines.status().running


def test_another_installations_engine(lab_with_engine: Callable[..., Ran], tmp_path: Path) -> None:
    """Is another installation's engine shown as that by status, doctor and down, spared by down, and stopped by --all?"""
    lab = lab_with_engine
    environment = {**os.environ, "PYTHONPATH": str(another(tmp_path))}
    up = [sys.executable, "-c", "from lab.cli import main; main()", "up"]
    said = subprocess.run(up, env=environment, capture_output=True, text=True, check=True).stdout
    assert f"embedded {VERSION} answers at" in said
    place = said.split()[4].rstrip(".")
    shown = lab("status").out
    assert "is not running" in shown
    assert f"Of another installation of the lab: embedded {VERSION} runs at {place}." in shown
    if place.endswith(":4566"):
        assert "4566 is taken by another installation's engine" in lab("doctor").out
    downed = lab("down").out
    assert "was not running" in downed
    assert f"{VERSION} of another installation of the lab goes on at {place}" in downed
    assert [one.engine.endpoint for one in engines.other_engines() if one.engine] == [place]
    assert "is stopped" in lab("down", "--all").out
    assert engines.other_engines() == ()


def test_doctor_finds_everything_here(lab_with_engine: Callable[..., Ran]) -> None:
    """Is the doctor content with the machine that runs the tests?"""
    ran = lab_with_engine("doctor")
    assert ran.code == 0, ran.out
    assert "missing" not in ran.out


def test_doctor_names_the_next_step(
    lab_with_engine: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Does a missing Terraform show as missing, with what to do about it, as exit code 1?"""
    monkeypatch.setenv("LAB_TERRAFORM", str(tmp_path / "nowhere"))
    ran = lab_with_engine("doctor")
    assert ran.code == 1
    assert "missing  Terraform" in ran.out
    assert ran.out.splitlines()[-1].startswith("Next: Set it to")


def test_without_terraform_a_check_is_exit_3(
    lab_with_engine: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is a missing Terraform exit code 3, one sentence and the next step, after what the files alone show?"""
    monkeypatch.setenv("LAB_TERRAFORM", str(tmp_path / "nowhere"))
    ran = lab_with_engine("check", "--dir", materialise(load_corpus()["reference"], tmp_path))
    assert ran.code == 3
    assert ran.out == ""
    *_, sentence, step = ran.err.splitlines()
    assert sentence == f"LAB_TERRAFORM is {tmp_path / 'nowhere'}, which is no program."
    assert step.startswith("Next: ")


def test_launch_deploys_once_and_starts_the_task(lab_with_engine: Callable[..., Ran], tmp_path: Path) -> None:
    """Does a launch of the reference start, find its deployment again, and keep it out of the working copy?"""
    root = materialise(load_corpus()["reference"], tmp_path)
    before = {path.relative_to(root) for path in root.rglob("*")}
    first = lab_with_engine("launch", "--dir", root)
    assert first.code == 0, first.out + first.err
    assert "started." in first.out
    assert "sees DB_PASSWORD" in first.out
    assert "Same as the current version: ✓ yes" in first.out
    assert "GetSecretValue (current version)" in first.out.partition("The trail of this launch")[2]
    assert "Applying" in first.err
    second = lab_with_engine("launch", "--dir", root)
    assert second.code == 0
    assert "Applying" not in second.err
    assert {path.relative_to(root) for path in root.rglob("*")} == before


def test_launch_says_why_a_task_does_not_start(lab_with_engine: Callable[..., Ran], tmp_path: Path) -> None:
    """Is a task that ECS would stop exit code 1, with the stopped reason in ECS's words?"""
    root = materialise(load_corpus()["valuefrom-one-colon-short"], tmp_path)
    ran = lab_with_engine("launch", "--dir", root)
    assert ran.code == 1
    assert "did not start" in ran.out
    assert "ResourceInitializationError" in ran.out


def test_launch_of_a_file_that_does_not_parse(lab_with_engine: Callable[..., Ran], tmp_path: Path) -> None:
    """Is a syntax error told with its file and line, before anything is deployed?"""
    root = materialise(load_corpus()["valid-missing-brace"], tmp_path)
    ran = lab_with_engine("launch", "--dir", root)
    assert ran.code == 1
    assert ".tf" in ran.err
    assert "Next: " in ran.err


def test_check_of_the_starter_scores_nothing(lab_with_engine: Callable[..., Ran], tmp_path: Path) -> None:
    """Does a check of the starter fail, name the next step, and remember it?"""
    lab = lab_with_engine
    root = materialise(load_corpus()["starter"], tmp_path)
    ran = lab("check", "--dir", root)
    assert ran.code == 1
    assert "Next: write modules/secrets/kms.tf" in ran.out
    assert ran.out.count("✓") == 0
    known = json.loads((root / ".lab" / "progress.json").read_text(encoding="utf-8"))
    assert known["next_step"].startswith("write modules/secrets/kms.tf")
    assert "Next: write modules/secrets/kms.tf" in lab("progress", "--dir", root).out


def test_a_check_leaves_the_digest_alone(lab: Callable[..., Ran], tmp_path: Path) -> None:
    """Is what the lab remembers no part of the submission?"""
    from lab_env.submission import load_submission

    root = materialise(load_corpus()["reference"], tmp_path)
    before = load_submission(root)
    lab("check", "--depth", "static", "--dir", root)
    lab("reset", "--yes", "kms", "--dir", root)
    lab("reset", "--yes", "--dir", root)
    (root / "modules").rename(root / ".lab" / "old")
    materialise(load_corpus()["reference"], tmp_path / "again").joinpath("modules").rename(root / "modules")
    after = load_submission(root)
    assert after.digest == before.digest
    assert {file.path for file in after.files} == {file.path for file in before.files}


def test_grade_writes_all_reports(lab: Callable[..., Ran], tmp_path: Path) -> None:
    """Does a class give a row each, and JSON, HTML and CSV that agree?"""
    for name in ("reference", "starter"):
        materialise(load_corpus()[name], tmp_path / "class")
    files = {kind: tmp_path / f"r.{kind}" for kind in ("json", "html", "csv")}
    ran = lab("grade", tmp_path / "class", "--depth", "static", *[w for k, f in files.items() for w in (f"--{k}", f)])
    assert ran.code == 0, ran.err
    document = json.loads(files["json"].read_text(encoding="utf-8"))
    assert [one["id"] for one in document["submissions"]] == ["reference", "starter"]
    assert ">starter</a>" in files["html"].read_text(encoding="utf-8")
    assert files["csv"].read_text(encoding="utf-8").count("\n") == 3
    first, *rows = ran.out.splitlines()
    assert first.startswith("Depth static: ")
    assert [row.split()[0] for row in rows[:2]] == ["reference", "starter"]


def test_demo_grades_its_class_as_the_corpus_says(lab_with_engine: Callable[..., Ran], tmp_path: Path) -> None:
    """Does the demo's class get the verdicts that its cases were committed with, and a page about all six?"""
    html, results = tmp_path / "report.html", tmp_path / "r.json"
    ran = lab_with_engine("demo", "--html", html, "--json", results)
    assert ran.code == 0, ran.err
    found = {one["id"]: one for one in json.loads(results.read_text(encoding="utf-8"))["submissions"]}
    assert list(found) == sorted(CLASS)
    corpus = load_corpus()
    for student, case in CLASS.items():
        failed = [row["id"] for row in found[student]["requirements"] if row["status"] == "fail"]
        assert sorted(failed) == sorted(corpus[case].fail), student
        assert f">{student}</a>" in html.read_text(encoding="utf-8")
    assert found["amara-okafor"]["score"] == 100
    assert found["farid-haddad"]["score"] == 0


def test_self_test_agrees_and_tells_a_difference(lab_with_engine: Callable[..., Ran]) -> None:
    """Is a case that agrees exit code 0, and a name that is not in the corpus a wrong word?"""
    ran = lab_with_engine("self-test", "--only", "starter")
    assert ran.code == 0, ran.out
    assert ran.out.splitlines()[-1] == "1 of 1 cases agree."
    assert lab_with_engine("self-test", "--only", "no-such-case").code == 2


def _started(words: list[str], state: Path) -> subprocess.Popen[str]:
    """The console script as a program of its own, which obeys Ctrl-C and a closed terminal whatever started the tests."""
    return subprocess.Popen(
        [sys.executable, "-c", "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
         "signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
         "from lab.cli import main; main()", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "LAB_STATE_DIR": str(state)},
    )  # fmt: skip


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_leaves_nothing(
    lab_with_engine: Callable[..., Ran], tmp_path: Path, signal_: signal.Signals
) -> None:
    """Does Ctrl-C, a polite kill or a terminal that is closed end everything that a grading started, and write no half report?"""
    lab_with_engine("up")
    root = materialise(load_corpus()["reference"], tmp_path)
    process = _started(["grade", str(root), "--json", str(tmp_path / "r.json")], tmp_path / "state")
    assert process.stderr is not None
    assert process.stderr.readline() == "reference: started\n"
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal_)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.splitlines()[-1] == "interrupted"
    assert list(tmp_path.glob("*r.json*")) == []
    _, alive = psutil.wait_procs(children, timeout=20)
    assert alive == []


def test_watch_checks_again_after_a_change(tmp_path: Path) -> None:
    """Does --watch look again when a file changes, and end with the last verdict's exit code?"""
    root = materialise(load_corpus()["reference"], tmp_path)
    process = _started(["check", "--depth", "static", "--watch", "--dir", str(root)], tmp_path / "state")
    assert process.stdout is not None

    def until_it_watches() -> str:
        read = []
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("Watching"):
                return "".join(read)
            read.append(line)
        raise AssertionError(f"it ended: {''.join(read)}")

    first = until_it_watches()
    assert "✗" not in first
    assert re.match(r"── \d\d:\d\d:\d\d first look", first)
    secret = root / "modules" / "secrets" / "secret.tf"
    text = secret.read_text(encoding="utf-8")
    secret.write_text(text.replace("ignore_changes = [secret_string]", "ignore_changes = []"), encoding="utf-8")
    second = until_it_watches()
    assert "rotation.ignore_changes" in second
    assert re.match(r"── \d\d:\d\d:\d\d modules/secrets/secret.tf changed", second)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 1
