"""The steps of a term; each opens the course, has nbgrader do its part and says what came of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.course.nbgraders import ASSIGNMENT, NbgraderError, Opened, open_course, run, told
from lab_env.errors import UsageError
from lab_env.text import counted, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graders.nbgrader.export import Row

TIMESTAMP = "timestamp.txt"
_TIMESTAMP_BYTES = 128
_NAMED = 3
"""Students that a sentence names; of more it says how many."""


@dataclass(frozen=True)
class Autograded:
    """What autograding came to.

    :param rows: a row for each student that was to be graded, by id.
    :param left_out: why somebody was not graded, a sentence each.
    """

    rows: tuple[Row, ...]
    max_score: float
    left_out: tuple[str, ...] = ()

    @property
    def faulty(self) -> bool:
        """Whether somebody who handed in has no mark, or was left out."""
        return bool(self.left_out) or any(row.mark is None for row in self.rows)


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


def autograde(directory: Path | None, *, student: str | None = None, depth: str | None = None) -> Autograded:
    """Grade all who handed in: what is unchanged is looked up, not graded again.

    One who cannot be graded stops nobody else; the rows say so.

    :param student: only this one.
    :param depth: instead of the configuration's.
    :raises UsageError: nothing was released, or nobody handed in.
    """
    course = open_course(directory)
    if depth is not None:
        course.api.config.GradeOutOfProcess.depth = depth
        course.api.parent.config.GradeOutOfProcess.depth = depth
    with _chosen(course.coursedir, student or "*"):
        from graders.nbgrader import gradebook
        from graders.nbgrader.class_run import ClassRun
        from graders.nbgrader.settings import find_every_submission
        from lab_env.submission.model import shown_name

        class_run = ClassRun(course.coursedir, ASSIGNMENT)
        gradebook.require_released(course.coursedir, ASSIGNMENT)
        students, odd = class_run.students(), class_run.odd()
        if not students and not odd:
            raise UsageError(
                f"There is no submission of {student or 'anybody'} in {course.root / 'submitted'}.",
                next_step="Collect first, or copy the submissions to submitted/<student>/secrets-management/.",
            )
        untimed = [one for one in students if not _has_time(class_run.directory(one))]
        find_every_submission()  # also in a course whose configuration is older than that
        graded = [one for one in students if one not in untimed]
        # nbgrader finds submissions by a pattern of its own, and would take the odd ones, too.
        alone = bool(odd)
        said = None
        for whom in graded if alone else [student or "*"] if graded else []:
            try:
                with _excluded(course.coursedir, () if alone else untimed):
                    run(course.api.autograde, ASSIGNMENT, whom, force=True, create=True)
            except NbgraderError as error:
                said = error
        rows = _rows(course, students)
        if said is not None and all(row.mark is not None for row in rows):
            raise said
        left_out = [f"{one} was left out: {class_run.directory(one) / TIMESTAMP} is no timestamp." for one in untimed]
        left_out += [
            f"{shown_name(one)} was left out: a student's name has letters, digits, spaces and . _ @ + - = ( ) ' only, in UTF-8; "
            "give the directory another."
            for one in odd
        ]
        return Autograded(rows, sum(check.points for check in class_run.release.checks), tuple(left_out))


def feedback(directory: Path | None, *, student: str | None = None, exchange: bool = False) -> tuple[str, ...]:
    """Make the learners' pages, and with ``exchange`` hand them out; :mod:`lab.course.feedback` tells who has none.

    :return: the ids of those who have pages.
    """
    from lab.course.feedback import feedback as make

    return make(directory, student=student, exchange=exchange).students


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
    rows = _rows(course, None)
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


def _rows(course: Opened, students: Sequence[str] | None) -> tuple[Row, ...]:
    from graders.nbgrader import gradebook
    from graders.nbgrader.export import StatusExport

    plugin = StatusExport(parent=course.api)
    plugin.student = list(students or ())
    with gradebook.opened(course.coursedir) as book:
        return tuple(plugin.rows(book, ASSIGNMENT))


@contextmanager
def _chosen(coursedir: Any, student: str) -> Iterator[None]:
    before = coursedir.student_id
    coursedir.student_id = student
    try:
        yield
    finally:
        coursedir.student_id = before


@contextmanager
def _excluded(coursedir: Any, students: Sequence[str]) -> Iterator[None]:
    before = coursedir.student_id_exclude
    coursedir.student_id_exclude = ",".join([*filter(None, before.split(",")), *students])
    try:
        yield
    finally:
        coursedir.student_id_exclude = before


def _has_time(directory: Path) -> bool:
    """Tell whether nbgrader can open a submission's timestamp, or there is none.

    It does so before anything of ours is asked, at a pipe it would wait for ever, and over nonsense it fails.
    """
    from graders.nbgrader.timestamps import is_time
    from lab_env.errors import SubmissionError
    from lab_env.submission.directory import read_bytes

    path = directory / TIMESTAMP
    if not os.path.lexists(path):
        return True
    try:
        stamp = read_bytes(path, _TIMESTAMP_BYTES, shown=TIMESTAMP)
    except SubmissionError:
        return False
    return path.lstat().st_size < _TIMESTAMP_BYTES and (not stamp.strip() or is_time(stamp))
