"""The batch grader as a process: what it is given, and what happens when it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.batch.run_config import RunConfig
from graders.model import Depth, SubmissionStatus
from graders.nbgrader.batch import HandedIn, grade_class
from graders.nbgrader.errors import NoMarkError
from graders.nbgrader.submitted import read_handed
from tests.graders.nbgrader.course import Course

STATIC = RunConfig(depth=Depth.STATIC)


@pytest.fixture
def handed(course: Course) -> HandedIn:
    """A solved submission, as the grader gets it."""
    directory = course.hand_in("ann", course.solved())
    submission = read_handed(directory, course.release).submission
    assert submission is not None
    return HandedIn(directory, submission.digest)


def test_results_come_by_the_names_given(handed: HandedIn) -> None:
    """Is there a result for each name, and none for a class of nobody?"""
    names = ("a" * 64, "b" * 64)
    results = grade_class(dict.fromkeys(names, handed), STATIC)
    assert list(results) == list(names)
    assert {result.status for result in results.values()} == {SubmissionStatus.GRADED}
    assert grade_class({}, STATIC) == {}


def test_nothing_of_this_directory_or_environment_is_imported(
    handed: HandedIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Does the grader import its own modules, whatever lies in the current directory or in Python's variables?"""
    for name in ("lab", "graders", "sitecustomize", "typer"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert grade_class({"a" * 64: handed}, STATIC)["a" * 64].score


def test_a_run_without_results_is_a_fault(handed: HandedIn) -> None:
    """Is a grader that cannot begin an error that says why, and no result?"""
    with pytest.raises(NoMarkError, match=r"example\.org"):
        grade_class({"a" * 64: handed}, RunConfig(depth=Depth.PLAN, engine="https://example.org"))


def test_another_submission_gets_no_mark(handed: HandedIn) -> None:
    """Is what was exchanged between reading and grading an error, out of as many points as all others, and no verdict on something
    that nobody is shown?"""
    graded = grade_class({"a" * 64: handed}, STATIC)["a" * 64]
    path = handed.directory / "01-kms-key.ipynb"
    path.write_text(path.read_text().replace("enable_key_rotation", "enable_key_rotations"))
    result = grade_class({"a" * 64: handed}, STATIC)["a" * 64]
    assert (result.status, result.score) == (SubmissionStatus.ERROR, None)
    assert "changed" in (result.reason or "")
    assert result.max_score == graded.max_score


@pytest.mark.terraform
def test_the_sandbox_that_is_asked_for(handed: HandedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Does what an instructor demands reach the process that grades, so that no mark comes without it?"""
    monkeypatch.setenv("LAB_SANDBOX", "demanded")
    with pytest.raises(NoMarkError, match="LAB_SANDBOX is 'demanded'"):
        grade_class({"a" * 64: handed}, RunConfig(depth=Depth.PLAN))
