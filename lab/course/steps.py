"""The steps of a term; each opens the course, has nbgrader do its part and says what came of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.course import totals
from lab.course.nbgraders import ASSIGNMENT, NbgraderError, Opened, open_course, run, told
from lab_env.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graders.nbgrader.export import Row

TIMESTAMP = "timestamp.txt"
_TIMESTAMP_BYTES = 128


@dataclass(frozen=True)
class Autograded:
    """What autograding came to.

    :param rows: a row for each student that was to be graded, by id.
    :param left_out: why somebody was not graded, a sentence each.
    """

    rows: tuple[Row, ...]
    max_score: int
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

    :return: where it is.
    """
    course = open_course(directory)
    run(course.api.generate_assignment, ASSIGNMENT, force=True, create=True)
    if exchange:
        run(course.api.release_assignment, ASSIGNMENT)
    return Path(course.coursedir.format_path(course.coursedir.release_directory, ".", ASSIGNMENT))


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
        from graders.nbgrader.class_run import ClassRun
        from lab_env.submission.model import shown_name

        class_run = ClassRun(course.coursedir, ASSIGNMENT)
        students, odd = class_run.students(), class_run.odd()
        if not students and not odd:
            raise UsageError(
                f"There is no submission of {student or 'anybody'} in {course.root / 'submitted'}.",
                next_step="Collect first, or copy the submissions to submitted/<student>/secrets-management/.",
            )
        untimed = [one for one in students if not _has_time(class_run.directory(one))]
        class_run.settle(_run_config(course))
        graded = [one for one in students if one not in untimed and any(class_run.directory(one).glob("*.ipynb"))]
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
    """Make the learners' pages, and with ``exchange`` hand them out.

    :return: the ids of those who have one.
    """
    course = open_course(directory)
    run(course.api.generate_feedback, ASSIGNMENT, student, force=True)
    totals.write(course, student)
    if exchange:
        run(course.api.release_feedback, ASSIGNMENT, student)
    pages = Path(course.coursedir.format_path(course.coursedir.feedback_directory, "*", ASSIGNMENT))
    return tuple(sorted(path.parent.name for path in course.root.glob(str(pages.relative_to(course.root)))))


def export(directory: Path | None, to: Path | None) -> tuple[Path, tuple[Row, ...]]:
    """Write the marks as CSV, with a status.

    :param to: the file; ``grades.csv`` in the course directory when left out.
    :return: the file, and a row for each student.
    """
    from graders.nbgrader import gradebook
    from graders.nbgrader.export import StatusExport

    course = open_course(directory)
    target = (to or course.root / "grades.csv").absolute()
    plugin = StatusExport(parent=course.api)
    plugin.to = str(target)
    with gradebook.opened(course.coursedir) as book:
        plugin.export(book)
    return target, _rows(course, None)


def _rows(course: Opened, students: Sequence[str] | None) -> tuple[Row, ...]:
    from graders.nbgrader import gradebook
    from graders.nbgrader.export import StatusExport

    plugin = StatusExport(parent=course.api)
    plugin.student = list(students or ())
    with gradebook.opened(course.coursedir) as book:
        return tuple(plugin.rows(book, ASSIGNMENT))


def _run_config(course: Opened) -> Any:
    from graders.nbgrader.preprocessors import GradeOutOfProcess

    return GradeOutOfProcess(parent=course.api).run_config


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
