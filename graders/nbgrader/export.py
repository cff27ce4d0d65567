"""nbgrader's export with a status: a number only where there is a mark, and a mark only for what was handed in last."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import ExportPlugin

from graders.model import Depth, SubmissionStatus
from graders.nbgrader.assignments import is_lesson
from graders.nbgrader.class_run import ClassRun, owner
from graders.nbgrader.errors import CourseError, NoMarkError
from graders.nbgrader.gradebook import auto_points
from graders.nbgrader.kept import is_student_id
from graders.nbgrader.marks import Standing
from graders.report.csv_report import safe_cell
from graders.report.lms.sheet import as_csv
from lab_env.files import PRIVATE, write_output
from lab_env.submission.model import shown_name
from lab_env.text import counted

COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
    "status", "raw_score", "late_submission_penalty", "score", "max_score", "reason",
)  # fmt: skip
"""nbgrader's own, with ``status`` and ``reason``."""
_SIGNED = re.compile(r"[+-]\d+", re.ASCII)


class MarkStatus(StrEnum):
    """``missing``: nothing was handed in. ``waiting``: what was handed in last has not been autograded. The others are the
    grader's own; ``waiting``, ``missing`` and ``error`` have no number."""

    GRADED = "graded"
    REJECTED = "rejected"
    UNGRADABLE = "ungradable"
    ERROR = "error"
    MISSING = "missing"
    WAITING = "waiting"


_MOST_NOTES = 5


@dataclass(frozen=True)
class Mark:
    """What the gradebook holds: the points, what lateness costs, and what is left."""

    raw: float
    penalty: float

    @property
    def score(self) -> float:
        return max(0.0, self.raw - self.penalty)


@dataclass(frozen=True)
class Row:
    """One student's line.

    :param reason: why there is this mark or none; its learner may read it where something was refused.
    :param to_do: what the instructor is asked for, and nobody else.
    :param mark: None where there is no number.
    :param timestamp: of the submission, UTC.
    :param depth: how far the grading of a module went that is graded; None where there is none.
    """

    student: str
    status: MarkStatus
    reason: str
    mark: Mark | None = None
    timestamp: datetime | None = None
    depth: Depth | None = None
    to_do: str = ""

    @property
    def remarks(self) -> str:
        """Everything that the instructor is to read."""
        return " ".join(text for text in (self.reason, self.to_do) if text)


class StatusExport(ExportPlugin):  # type: ignore[misc]
    """All assignments of the course: the lesson's rows are ours, all others' are nbgrader's own.

    CSV by RFC 4180, UTF-8; a text that a spreadsheet would run as a formula gets an apostrophe.
    """

    def export(self, gradebook: Gradebook) -> None:
        """Write the marks to ``self.to``, or ``grades.csv``, whole or not at all."""
        target = Path(self.to or "grades.csv")
        wanted = {str(name) for name in self.assignment}
        lines: list[tuple[str, ...]] = [COLUMNS]
        for assignment in gradebook.assignments:
            if not wanted or assignment.name in wanted:
                lines += [_cells(assignment, gradebook, row) for row in self._of(gradebook, assignment.name)]
        write_output(target, as_csv(lines), mode=PRIVATE)
        self.log.info("Exported %s to %s", counted(len(lines) - 1, "mark"), target)

    def _of(self, gradebook: Gradebook, assignment: str) -> Iterator[Row]:
        if not is_lesson(owner(self).coursedir, assignment):
            return self._nbgraders(gradebook, assignment)
        try:
            return iter(tuple(self.rows(gradebook, assignment)))
        except CourseError as fault:
            # The marks of another assignment do not hang on it.
            self.log.error("%s: %s", assignment, fault)
            students = self._chosen(student.id for student in gradebook.students)
            return iter([Row(student, MarkStatus.ERROR, fault.message) for student in students])

    def _nbgraders(self, gradebook: Gradebook, assignment: str) -> Iterator[Row]:
        """The rows of an assignment that is not the lesson: nbgrader's own numbers, which are 0 where nothing was handed in."""
        for student in self._chosen(student.id for student in gradebook.students):
            try:
                submission = gradebook.find_submission(assignment, student)
            except MissingEntry:
                yield Row(student, MarkStatus.MISSING, "Nothing was handed in.", Mark(0.0, 0.0))
                continue
            to_do = "A mark is to be given or looked at by hand." if submission.needs_manual_grade else ""
            mark = Mark(submission.score, submission.late_submission_penalty or 0.0)
            yield Row(student, MarkStatus.GRADED, "", mark, submission.timestamp, to_do=to_do)

    def _chosen(self, students: Iterable[str]) -> list[str]:
        only = {str(student) for student in self.student}
        return sorted(student for student in students if not only or student in only)

    def rows(self, gradebook: Gradebook, assignment: str) -> Iterator[Row]:
        """A row of the lesson for each student of the gradebook, and for each who handed something in, by id."""
        run = ClassRun(owner(self).coursedir, assignment)
        known = {student.id for student in gradebook.students}
        for student in self._chosen(known.union(run.students(), run.odd())):
            yield _row(gradebook, run, assignment, student)


def _row(gradebook: Gradebook, run: ClassRun, assignment: str, student: str) -> Row:
    if not is_student_id(student):
        return Row(shown_name(student), MarkStatus.WAITING, "Nobody may be called so: give the directory another name.")
    try:
        submission = gradebook.find_submission(assignment, student)
    except MissingEntry:
        submission = None
    if not run.directory(student).exists():
        return Row(student, MarkStatus.MISSING, "Nothing was handed in.")
    standing = run.marks.standing(student)
    if standing is None or submission is None:
        return Row(student, MarkStatus.WAITING, "It has not been autograded.")
    try:
        the_same = run.is_about(student, standing)
    except NoMarkError as fault:
        return Row(student, MarkStatus.ERROR, fault.message)
    if not the_same:
        return Row(student, MarkStatus.WAITING, "It was handed in again and has not been autograded since.")
    if not run.stands(student, standing):
        return Row(student, MarkStatus.WAITING, "Something else is asked for since it was autograded.")
    if standing.status is SubmissionStatus.ERROR:
        return Row(student, MarkStatus.ERROR, standing.reason or "A fault of the grader.")
    held = auto_points(submission)
    if any(held.get(check) != points for check, points in standing.points.items()):
        return Row(
            student, MarkStatus.WAITING, "The gradebook does not hold the marks that were given: autograde again."
        )
    return Row(
        student,
        MarkStatus(standing.status.value),
        " ".join(_reasons(standing)),
        Mark(submission.score, submission.late_submission_penalty),
        submission.timestamp,
        standing.depth if standing.status is SubmissionStatus.GRADED else None,
        "A mark given by hand is to be looked at again." if submission.needs_manual_grade else "",
    )


def _reasons(standing: Standing) -> Iterator[str]:
    if standing.reason:
        yield standing.reason
    graded = standing.status is SubmissionStatus.GRADED
    if graded and standing.depth is not Depth.FULL:
        yield f"Graded at depth {standing.depth.value}: what needs more has no points."
    yield from standing.notes[:_MOST_NOTES]
    if len(standing.notes) > _MOST_NOTES:
        yield f"{counted(len(standing.notes) - _MOST_NOTES, 'more remark')}."


def _cells(assignment: Any, gradebook: Gradebook, row: Row) -> tuple[str, ...]:
    try:
        person = gradebook.find_student(row.student)
        names = (person.last_name, person.first_name, person.email)
    except MissingEntry:
        names = (None, None, None)
    mark = row.mark
    numbers = (mark.raw, mark.penalty, mark.score) if mark is not None else (None,) * 3
    return (
        safe_cell(assignment.name),
        _text(assignment.duedate),
        _text(row.timestamp),
        _id(row.student),
        *(safe_cell(name or "") for name in names),
        row.status.value,
        *(_text(number) for number in numbers),
        _text(assignment.max_score),
        safe_cell(row.remarks),
    )


def _id(student: str) -> str:
    """An id is looked up by whoever reads the file, and a number with a sign runs nothing."""
    return student if _SIGNED.fullmatch(student) else safe_cell(student)


def _text(value: object) -> str:
    return "" if value is None else str(value)
