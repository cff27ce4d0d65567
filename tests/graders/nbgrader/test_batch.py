"""The batch grader as a process: what it is given, and what happens when it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.batch.run_config import RunConfig
from graders.model import Depth, SubmissionStatus
from graders.nbgrader.batch import grade_class
from graders.nbgrader.errors import NoMarkError
from graders.nbgrader.reconstruct import Reconstruction
from graders.nbgrader.submitted import read_handed
from tests.graders.nbgrader.course import Course

STATIC = RunConfig(depth=Depth.STATIC)


@pytest.fixture
def files(course: Course) -> dict[str, bytes]:
    """A solved submission, as the grader gets it."""
    course.hand_in("ann", course.solved())
    return Reconstruction(course.release, read_handed(course.submitted("ann"), course.release)).files


def test_results_come_by_the_names_given(files: dict[str, bytes]) -> None:
    """Is there a result for each name, and none for a class of nobody?"""
    names = ("a" * 64, "b" * 64)
    results = grade_class(dict.fromkeys(names, files), STATIC)
    assert list(results) == list(names)
    assert {result.status for result in results.values()} == {SubmissionStatus.GRADED}
    assert grade_class({}, STATIC) == {}


def test_nothing_of_this_directory_or_environment_is_imported(
    files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Does the grader import its own modules, whatever lies in the current directory or in Python's variables?"""
    for name in ("lab", "graders", "sitecustomize", "typer"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert grade_class({"a" * 64: files}, STATIC)["a" * 64].score


def test_a_run_without_results_is_a_fault(files: dict[str, bytes]) -> None:
    """Is a grader that cannot begin an error that says why, and no result?"""
    with pytest.raises(NoMarkError, match=r"example\.org"):
        grade_class({"a" * 64: files}, RunConfig(depth=Depth.PLAN, engine="https://example.org"))


@pytest.mark.terraform
def test_the_sandbox_that_is_asked_for(files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """Does what an instructor demands reach the process that grades, so that no mark comes without it?"""
    monkeypatch.setenv("LAB_SANDBOX", "demanded")
    with pytest.raises(NoMarkError, match="LAB_SANDBOX is 'demanded'"):
        grade_class({"a" * 64: files}, RunConfig(depth=Depth.PLAN))
