"""What the course is worth: nothing as it is released, everything as it is solved."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from graders.model import Depth, Status, SubmissionResult
from graders.rubric import registry
from lab_env.submission import SubmissionRef, load_submission
from notebooks.build import main
from notebooks.course import course
from tests.notebooks.test_release import from_nbgrader as from_nbgrader  # what real nbgrader makes of the sources


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The solved notebooks."""
    made = tmp_path_factory.mktemp("solved")
    assert main(["--solved", str(made)]) == 0
    return made


def graded(directory: Path, depth: Depth) -> SubmissionResult:
    """The notebooks of a directory, graded as one submission."""
    return grade_many([SubmissionRef("sample", directory)], RunConfig(depth=depth, jobs=1)).submissions[0]


def test_nothing_for_the_release(from_nbgrader: Path) -> None:
    """Does what learners are given score 0, and is it a submission all the same?"""
    result = graded(from_nbgrader, Depth.STATIC)
    assert result.score == 0
    assert not [row.id for row in result.requirements if row.status is Status.PASS]


def test_the_release_writes_every_file(from_nbgrader: Path) -> None:
    """Is every file of the module there from the start, with a place to write in?"""
    paths = {cell.path for lesson in course() for cell in lesson.cells if cell.path}
    assert {file.path for file in load_submission(from_nbgrader).files} == paths


@pytest.mark.engine
@pytest.mark.terraform
def test_nothing_for_the_release_in_full(from_nbgrader: Path, engine: object, toolchain: object) -> None:
    """Is it still 0 when it is planned and deployed?"""
    result = graded(from_nbgrader, Depth.FULL)
    assert (result.score, result.max_score) == (0, 100)


@pytest.mark.engine
@pytest.mark.terraform
def test_everything_for_the_solved_course(solved: Path, engine: object, toolchain: object) -> None:
    """Does the solved course pass every requirement for real?"""
    result = graded(solved, Depth.FULL)
    assert [(row.id, row.observed) for row in result.requirements if row.status is not Status.PASS] == []
    assert (result.score, result.max_score) == (100, registry().max_score)


def test_nothing_in_the_text_looks_like_a_credential(solved: Path) -> None:
    """Are prose and demonstrations free of what the rubric would take for a leak of the learner's?"""
    result = graded(solved, Depth.STATIC)
    assert [row.status for row in result.requirements if row.id == "secret.no_plaintext"] == [Status.PASS]
