"""Two graders at once: on one results file, and on one folder with results of each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.graders.disturbed import ClassRun, without_times
from tests.graders.everywhere import corpus_refs

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
