"""The few things that are written to nbgrader's gradebook where nbgrader itself would leave an older mark standing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    MissingEntry,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import func, select
from sqlalchemy.exc import DatabaseError, OperationalError

from graders.nbgrader.errors import CourseError

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory


class GradeRow(NamedTuple):
    """A graded cell of a submission. :param most: the cell's points."""

    notebook: str
    cell: str
    auto: float | None
    manual: float | None
    extra: float | None
    needs_manual: bool
    most: float

    @property
    def score(self) -> float:
        """As nbgrader has it: a mark by hand stands for the automatic one, extra credit comes on top of either."""
        given = self.auto if self.manual is None else self.manual
        return 0.0 if given is None else given + (self.extra or 0.0)


class CommentRow(NamedTuple):
    """A commented cell of a submission."""

    notebook: str
    cell: str
    auto: str | None
    manual: str | None

    @property
    def text(self) -> str | None:
        """As nbgrader has it: the one that somebody wrote stands for the automatic one."""
        return self.auto if self.manual is None else self.manual


@dataclass(frozen=True)
class Held:
    """What the gradebook holds of a submission, in an order that is always the same.

    :param times: when it was handed in, the extension, when it was due.
    :param penalties: what lateness costs, by notebook.
    """

    times: tuple[str | None, ...]
    penalties: tuple[tuple[str, float | None], ...]
    grades: tuple[GradeRow, ...]
    comments: tuple[CommentRow, ...]

    @property
    def auto(self) -> dict[str, float | None]:
        """The automatic marks, by cell."""
        return {grade.cell: grade.auto for grade in self.grades}

    @property
    def of_autograding(self) -> tuple[object, ...]:
        """Everything that autograding reads and writes: not what only people write."""
        return self.times, self.penalties, self.grades, tuple(comment[:3] for comment in self.comments)

    @property
    def everything(self) -> tuple[object, ...]:
        """All of it."""
        return self.times, self.penalties, self.grades, self.comments


def held(coursedir: CourseDirectory, assignment: str, student: str | None = None) -> dict[str, Held]:
    """The gradebook's submissions of an assignment, by student: a few queries for the whole class.

    :param student: only this one.
    """
    mine = (
        (Assignment.name == assignment,)
        if student is None
        else (
            Assignment.name == assignment,
            SubmittedAssignment.student_id == student,
        )
    )
    of_class = (
        select(SubmittedAssignment.student_id, Notebook.name)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .where(*mine)
    )
    most = func.coalesce(GradeCell.__table__.c.max_score, TaskCell.__table__.c.max_score, 0.0)
    cells = BaseCell.__table__
    with opened(coursedir) as book:
        times = book.db.execute(
            select(
                SubmittedAssignment.student_id,
                SubmittedAssignment.timestamp,
                SubmittedAssignment.extension,
                Assignment.duedate,
            )
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .where(*mine)
        ).all()
        penalties = _by_student(book, of_class.add_columns(SubmittedNotebook.late_submission_penalty))
        grades = _by_student(
            book,
            of_class.add_columns(
                cells.c.name, Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade, most
            )
            .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .join(cells, cells.c.id == Grade.cell_id)
            .outerjoin(GradeCell.__table__, GradeCell.__table__.c.id == cells.c.id)
            .outerjoin(TaskCell.__table__, TaskCell.__table__.c.id == cells.c.id),
        )
        comments = _by_student(
            book,
            of_class.add_columns(cells.c.name, Comment.auto_comment, Comment.manual_comment)
            .join(Comment, Comment.notebook_id == SubmittedNotebook.id)
            .join(cells, cells.c.id == Comment.cell_id),
        )
    return {
        id_: Held(
            tuple(None if value is None else str(value) for value in when),
            tuple((str(name), penalty) for name, penalty in penalties.get(id_, ())),
            tuple(GradeRow(*row) for row in grades.get(id_, ())),
            tuple(CommentRow(*row) for row in comments.get(id_, ())),
        )
        for id_, *when in times
    }


def _by_student(book: Any, query: Any) -> dict[str, list[tuple[Any, ...]]]:
    """Rows by their first column, sorted by the names that they begin with."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for id_, *values in book.db.execute(query):
        found.setdefault(id_, []).append(tuple(values))
    return {id_: sorted(rows, key=lambda row: tuple(map(str, row[:2]))) for id_, rows in found.items()}


@contextmanager
def opened(coursedir: CourseDirectory) -> Iterator[Any]:
    """The course's gradebook.

    :raises CourseError: it cannot be used, such as while another program writes to it, or the file is none.
    """
    try:
        with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
            yield gradebook
    except OperationalError as error:
        raise CourseError(
            f"The gradebook cannot be used: {error.orig}.",
            next_step="Close what else uses it, such as formgrader or another autograding, and run the same command again.",
        ) from error
    except DatabaseError as error:
        if type(error) is not DatabaseError:
            raise  # of its other kinds each is a fault of ours, in a statement or a value
        raise CourseError(
            f"The gradebook cannot be read: {error.orig}.",
            next_step="Move gradebook.db away and put back a copy of it, or run `lab course release` for a new one, without marks.",
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
