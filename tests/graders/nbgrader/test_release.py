"""The released notebooks: what nbgrader makes of the source, and what the grader accepts of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from graders.nbgrader.errors import CourseError
from graders.nbgrader.settings import HCL_STUB
from graders.rubric import registry
from notebooks.course import ASSIGNMENT
from tests.graders.nbgrader.course import Course, cell, joined

CHECK = "kms-check"


def test_no_solution_is_released(course: Course) -> None:
    """Is no line of a solution in what learners get, and an HCL comment in its place?"""
    source = {path.stem: json.loads(path.read_text()) for path in (course.root / "source" / ASSIGNMENT).glob("*.ipynb")}
    answers = 0
    for name, notebook in course.released().items():
        for given, original in zip(notebook["cells"], source[name]["cells"], strict=True):
            if not original["metadata"].get("nbgrader", {}).get("solution"):
                continue
            answers += 1
            text = joined(original["source"])
            solution = text.split("### BEGIN SOLUTION\n")[1].split("\n### END SOLUTION")[0]
            assert HCL_STUB in joined(given["source"])
            assert "SOLUTION" not in joined(given["source"])
            assert not [line for line in solution.splitlines() if len(line) > 3 and line in joined(given["source"])]
    assert answers == 6


def test_each_requirement_is_worth_its_points_in_one_cell(course: Course) -> None:
    """Do the check cells hold every requirement of the rubric once, with the rubric's points?"""
    checks = course.release.checks
    ids = [requirement for check in checks for requirement in check.requirements]
    assert sorted(ids) == sorted(requirement.id for requirement in registry().requirements)
    assert sum(check.points for check in checks) == registry().max_score == 100


def _without_requirements(check: dict[str, Any]) -> None:
    del check["metadata"]["secrets_lab"]


def _other_points(check: dict[str, Any]) -> None:
    check["metadata"]["nbgrader"]["points"] = 18


def _of_another_cell(check: dict[str, Any]) -> None:
    check["metadata"]["secrets_lab"]["requirements"] = ["secret.cmk"]
    check["metadata"]["nbgrader"]["points"] = registry().get("secret.cmk").points


@pytest.mark.parametrize(
    ("spoil", "word"),
    [(_without_requirements, "names no requirement"), (_other_points, "18 points"), (_of_another_cell, "two cells")],
)
def test_a_release_that_does_not_fit_the_rubric_is_refused(
    course: Course, spoil: Callable[[dict[str, Any]], None], word: str
) -> None:
    """Is a check cell whose marks the rubric does not cover an error that names it, and never a wrong mark?"""
    path = course.root / "release" / ASSIGNMENT / "01-kms-key.ipynb"
    notebook = json.loads(path.read_text())
    spoil(cell(notebook, CHECK))
    path.write_text(json.dumps(notebook))
    with pytest.raises(CourseError, match=word):
        _ = course.release
