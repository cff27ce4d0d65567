"""The learners' pages: made, handed out, and who has none and why."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lab.course import totals
from lab.course.nbgraders import ASSIGNMENT, Attempt, Opened, attempt, open_course, told
from lab_env.errors import UsageError

if TYPE_CHECKING:
    from graders.nbgrader.export import Row

_RELEASED = re.compile(r"Released the feedback of (\d+) student")


@dataclass(frozen=True)
class Feedback:
    """What making and releasing pages came to.

    :param students: the ids of those who have pages.
    :param without: who has none, or none of what was handed in last, and why: a sentence each reason.
    :param unreleased: whose pages are not in the exchange, and why: a sentence each reason.
    :param released: of how many the exchange has pages now; None when it was not asked for, or does not say.
    :param faulty: whether somebody goes without by a fault that is not the submission's.
    """

    students: tuple[str, ...]
    without: tuple[str, ...] = ()
    unreleased: tuple[str, ...] = ()
    released: int | None = None
    faulty: bool = False


def feedback(directory: Path | None, *, student: str | None = None, exchange: bool = False) -> Feedback:
    """Make the learners' pages, and with ``exchange`` hand them out. One who cannot have any stops nobody else.

    :param student: only this one.
    :raises UsageError: nobody has been autograded.
    :raises NbgraderError: nothing could be made, or nothing released.
    """
    course = open_course(directory)
    rows = _rows(course, student)
    graded = _having(course, course.coursedir.autograded_directory, "*.ipynb", student)
    if not graded and all(row.mark is None for row in rows):
        raise UsageError(
            f"{student} has not been autograded." if student else "Nobody has been autograded.",
            next_step="Run: lab course autograde",
        )
    made = attempt(course.api.generate_feedback, ASSIGNMENT, student, force=True) if graded else Attempt(True, "")
    totals.write(course, student)
    having = _having(course, course.coursedir.feedback_directory, "*.html", student)
    if not having:
        raise made.failure
    reasons: dict[str, list[str]] = {}
    for row in rows:
        why = _why(row, row.student in having)
        if why is not None:
            reasons.setdefault(why, []).append(row.student)
    done = Feedback(
        tuple(sorted(having)),
        tuple(_sentence(students, why) for why, students in reasons.items()),
        faulty=not made.success or any(row.status.value == "error" for row in rows),
    )
    return _hand_out(course, student, done) if exchange else done


def _hand_out(course: Opened, student: str | None, made: Feedback) -> Feedback:
    from nbgrader.exchange.default import ExchangeReleaseFeedback

    from graders.nbgrader.releasing import ReleaseFeedback

    factory = course.api.exchange
    if factory.release_feedback is ExchangeReleaseFeedback:  # as in a configuration that was written before ours was
        factory.release_feedback = ReleaseFeedback
    tried = attempt(course.api.release_feedback, ASSIGNMENT, student)
    unreleased = told(tried.log, "WARNING")
    if not tried.success and not unreleased:
        raise tried.failure
    number = next((int(match[1]) for line in told(tried.log, "INFO") if (match := _RELEASED.match(line))), None)
    return replace(made, unreleased=unreleased, released=number, faulty=made.faulty or not tried.success)


def _why(row: Row, has_pages: bool) -> str | None:
    """Why somebody has no page of what was handed in last; None where there is one."""
    status = row.status.value
    if status == "missing":
        return None if has_pages else "nothing was handed in"
    if status in ("waiting", "error"):
        earlier = "what there is is of an earlier submission: " if has_pages else ""
        return earlier + row.reason.rstrip(".")
    if has_pages:
        return None
    if status == "ungradable":
        return f"there is no notebook to show it in. {row.reason.rstrip('.')}"
    return "nbgrader could not make it; autograde and generate feedback again"


def _sentence(students: Iterable[str], why: str) -> str:
    from lab_env.text import listed, one_line

    return f"No feedback for {listed(one_line(one) for one in students)}: {one_line(why)}."


def _having(course: Opened, step: str, files: str, student: str | None) -> frozenset[str]:
    """Whose directory of a step holds such files."""
    from graders.nbgrader.assignments import directories

    found = directories(course.coursedir, step, ASSIGNMENT)
    return frozenset(id_ for id_, path in found.items() if student in (None, id_) and any(Path(path).glob(files)))


def _rows(course: Opened, student: str | None) -> tuple[Row, ...]:
    from graders.nbgrader import gradebook
    from graders.nbgrader.export import StatusExport

    plugin = StatusExport(parent=course.api)
    plugin.student = [] if student is None else [student]
    with gradebook.opened(course.coursedir) as book:
        return tuple(plugin.rows(book, ASSIGNMENT))
