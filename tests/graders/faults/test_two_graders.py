"""Two graders at once: on one results file, on one folder with results of each, and of two installations of the lab."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lab_env.processes import create_time
from tests.graders.disturbed import LIMIT_S, ClassRun, without_times
from tests.graders.everywhere import corpus_refs
from tests.installations import VERSION, another

pytestmark = [pytest.mark.engine, pytest.mark.terraform]

NAMES = ("reference", "heredocs", "ignore-changes-missing", "second-alias", "single-file", "valid-missing-argument")
PLAN = ("--depth", "plan", "--jobs", "1")


@pytest.fixture
def run(tmp_path: Path) -> ClassRun:
    corpus_refs(tmp_path / "class", NAMES)
    return ClassRun(tmp_path / "class", tmp_path)


def test_two_graders_on_one_results_file(run: ClassRun) -> None:
    """Is the second one refused with a sentence, and does the first come to the marks that it comes to alone?"""
    first = run.start(*PLAN)
    try:
        run.wait_for(1, first)
        second = run.start(*PLAN)
        assert second.wait() == 2
        assert "Another run is writing" in run.said()
        assert first.poll() is None  # it was at work all the while
        disturbed = run.complete(first)
        assert run.complete(run.start(*PLAN)) == disturbed
    finally:
        run.lab("down", "--purge").wait()


@pytest.mark.full  # engines side by side: tests/lab_env/engine/test_side_by_side.py
def test_two_installations_of_the_lab(run: ClassRun, tmp_path: Path) -> None:
    """Does a class keep its engine, and come to its marks, while another version of the lab starts, uses and stops its own?"""
    theirs = {**run.environment(), "PYTHONPATH": str(another(tmp_path))}
    lab = [sys.executable, "-c", "from lab.cli import main; main()"]
    one = str(next(run.handed_in.iterdir()))
    grade = run.start("--depth", "plan", "--jobs", "2")
    try:
        run.wait_for(1, grade)
        engine = run.engine_pid()
        for words in (
            ("up",),
            ("grade", one, "--depth", "plan", "--no-cache", "--plain"),
            ("down", "--purge"),
            ("up",),
        ):
            done = subprocess.run([*lab, *words], env=theirs, capture_output=True, text=True, timeout=LIMIT_S)
            assert done.returncode == 0, done.stdout + done.stderr
        assert f"embedded {VERSION} answers at" in done.stdout
        disturbed = run.complete(grade)
        assert "The engine was lost" not in run.said()
        assert create_time(engine) is not None
        assert {one["status"] for one in disturbed["submissions"]} == {"graded"}
        assert run.complete(run.start(*PLAN)) == disturbed
    finally:
        run.lab("down", "--purge", "--all").wait()


@pytest.mark.full
def test_two_graders_on_one_results_folder(run: ClassRun) -> None:
    """Do two runs at once on one class, one cache and one engine, into one folder, come to the same marks?"""
    paths = [run.home / f"{name}.json" for name in ("one", "two")]
    words = ("grade", str(run.handed_in), "--depth", "plan", "--jobs", "2", "--json")
    try:
        both = [run.lab(*words, str(path)) for path in paths]
        assert [process.wait() for process in both] == [0, 0], run.said()
    finally:
        run.lab("down", "--purge").wait()
    one, two = (without_times(json.loads(path.read_text())) for path in paths)
    assert one == two
    assert isinstance(one["submissions"], list)
    assert [submission["id"] for submission in one["submissions"]] == sorted(NAMES)
    assert all(submission["status"] == "graded" for submission in one["submissions"])
