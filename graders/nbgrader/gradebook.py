"""The few things that are written to nbgrader's gradebook where nbgrader itself would leave an older mark standing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nbgrader.api import Gradebook, MissingEntry

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory


@contextmanager
def opened(coursedir: CourseDirectory) -> Iterator[Any]:
    """The course's gradebook."""
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        yield gradebook


def void(coursedir: CourseDirectory, assignment: str, student: str) -> None:
    """Take the automatic marks of a submission back: none, and somebody has to look. Marks given by hand stay."""
    with opened(coursedir) as gradebook:
        try:
            submission = gradebook.find_submission(assignment, student)
        except MissingEntry:
            return
        for notebook in submission.notebooks:
            for grade in notebook.grades:
                grade.auto_score = None
                grade.needs_manual_grade = True
        gradebook.db.commit()


def auto_points(submission: Any) -> dict[str, float | None]:
    """What the autograder wrote, by check cell."""
    return {grade.name: grade.auto_score for notebook in submission.notebooks for grade in notebook.grades}
