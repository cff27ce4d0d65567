"""The steps of a term; each opens the course, has nbgrader do its part and says what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lab.course.autograding import Autograded, autograde, rows_of
from lab.course.feedback import Feedback, feedback
from lab.course.nbgraders import ASSIGNMENT, open_course, run, told
from lab_env.errors import UsageError
from lab_env.text import counted, listed

if TYPE_CHECKING:
    from graders.nbgrader.export import Row

_NAMED = 3
"""Students that a sentence names; of more it says how many."""

__all__ = [
    "Autograded",
    "Collected",
    "Feedback",
    "autograde",
    "collect",
    "export",
    "feedback",
    "release",
    "require_full",
]


@dataclass(frozen=True)
class Collected:
    """What collecting came to.

    :param students: the ids of all whose submission is in the course directory now.
    :param warnings: what was left out, and what the instructor should look at, a sentence each.
    :param errors: what could not be collected by no fault of the submission, a sentence each.
    """

    students: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


def release(directory: Path | None, *, exchange: bool = False) -> Path:
    """Make the learners' version of the assignment; with ``exchange`` also publish it there.

    When it cannot be made, the older one, the gradebook's points and so everybody's marks stay as they were.

    :return: where it is.
    :raises CourseError: the marks of a check cell do not fit the rubric.
    """
    from graders.assignment import Rules
    from graders.nbgrader import gradebook
    from graders.nbgrader.filling import assignment_of
    from graders.nbgrader.marks import MEMORY
    from graders.nbgrader.release import read_release
    from lab.course.releasing import older_kept

    course = open_course(directory)
    asked = assignment_of(course.coursedir, ASSIGNMENT)  # what is wrong in it is said before anything is made
    source, place = (
        Path(course.coursedir.format_path(step, ".", ASSIGNMENT))
        for step in (course.coursedir.source_directory, course.coursedir.release_directory)
    )
    if any(source.glob("*.ipynb")):
        # Before nbgrader writes the points into its gradebook.
        read_release(source, ASSIGNMENT, Rules(packages=asked.packages) if asked is not None else Rules())
    with gradebook.opened(course.coursedir):
        pass  # one that cannot be used is said in our words, not at nbgrader's length
    with older_kept(place, course.root / MEMORY / "older-release"):
        run(course.api.generate_assignment, ASSIGNMENT, force=True, create=True)
    if exchange:
        run(course.api.release_assignment, ASSIGNMENT)
    return place


def collect(directory: Path | None) -> Collected:
    """Take what learners submitted from the exchange, newer submissions in the place of older ones."""
    course = open_course(directory)
    log = run(course.api.collect, ASSIGNMENT, update=True)
    students = tuple(sorted(course.api.get_submitted_students(ASSIGNMENT)))
    return Collected(students, told(log, "WARNING"), told(log, "ERROR"))


def export(directory: Path | None, to: Path | None, *, any_depth: bool = False) -> tuple[Path, tuple[Row, ...]]:
    """Write the marks as CSV, with a status.

    :param to: the file; ``grades.csv`` in the course directory when left out.
    :param any_depth: also where somebody's module was not graded in full.
    :return: the file, and a row for each student.
    :raises UsageError: somebody's was not, and nobody said that such marks are wanted.
    """
    from graders.nbgrader import gradebook
    from graders.nbgrader.export import StatusExport

    course = open_course(directory)
    rows = rows_of(course, None)
    if not any_depth:
        require_full(rows)
    target = (to or course.root / "grades.csv").absolute()
    plugin = StatusExport(parent=course.api)
    plugin.to = str(target)
    with gradebook.opened(course.coursedir) as book:
        plugin.export(book)
    return target, rows


def require_full(rows: Sequence[Row]) -> None:
    """:raises UsageError: somebody's module was not graded in full."""
    shallow = [row for row in rows if row.mark is not None and row.depth not in (None, "full")]
    if shallow:
        names = listed([*(row.student for row in shallow[:_NAMED]), *_and_more(len(shallow) - _NAMED)])
        raise UsageError(
            f"{counted(len(shallow), 'student')} ({names}) graded at depth {shallow[0].depth}: what needs more has no points, "
            "so nothing is exported.",
            next_step="Run lab course autograde --depth full, or export these marks as they are with --any-depth.",
        )


def _and_more(number: int) -> list[str]:
    return [f"{number} more"] if number > 0 else []
