"""The few things that are written to nbgrader's gradebook where nbgrader itself would leave an older mark standing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy.exc import OperationalError

from graders.nbgrader.errors import CourseError

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory


@contextmanager
def opened(coursedir: CourseDirectory) -> Iterator[Any]:
    """The course's gradebook.

    :raises CourseError: it cannot be used, such as while another program writes to it.
    """
    try:
        with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
            yield gradebook
    except OperationalError as error:
        raise CourseError(
            f"The gradebook cannot be used: {error.orig}.",
            next_step="Close what else uses it, such as formgrader or another autograding, and run the same command again.",
        ) from error


def require_released(coursedir: CourseDirectory, assignment: str) -> None:
    """Whether the gradebook knows the assignment's notebooks, without which nbgrader passes everybody over.

    :raises CourseError: it does not, as when the file was lost or made anew.
    """
    with opened(coursedir) as gradebook:
        try:
            known = bool(gradebook.find_assignment(assignment).notebooks)
        except MissingEntry:
            known = False
    if not known:
        raise CourseError(
            f"The gradebook holds no notebook of {assignment}: nothing could be marked.",
            next_step="Put back the gradebook.db that you released with, or run `lab course release` for a new one.",
        )


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
