"""The learners' pages: made, handed out, and who has none and why.

They are made by nbgrader's own step for each student, but for those whose pages would be what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.course import totals
from lab.course.autograding import Shown, rows_of, unseen
from lab.course.nbgraders import (
    ASSIGNMENT,
    Begun,
    Ended,
    NbgraderError,
    Opened,
    attempt,
    chosen,
    convert,
    open_course,
    told,
)
from lab.guard import keeping
from lab_env.errors import UsageError

if TYPE_CHECKING:
    from graders.batch.events import OnEvent
    from graders.nbgrader.export import Row
    from graders.nbgrader.settled import UnchangedPages

_RELEASED = re.compile(r"Released the feedback of (\d+) student")


@dataclass(frozen=True)
class Feedback:
    """What making and releasing pages came to.

    :param students: the ids of those who have pages of notebooks.
    :param unchanged: of how many they are as the last time.
    :param without: who has none, or none of what was handed in last, and why: a sentence each reason.
    :param unreleased: whose pages are not in the exchange, and why: a sentence each reason.
    :param released: of how many the exchange has pages now; None when it was not asked for, or does not say.
    :param faulty: whether somebody goes without by a fault that is not the submission's.
    """

    students: tuple[str, ...]
    unchanged: int = 0
    without: tuple[str, ...] = ()
    unreleased: tuple[str, ...] = ()
    released: int | None = None
    faulty: bool = False


def feedback(
    directory: Path | None, *, student: str | None = None, exchange: bool = False, shown: Shown = unseen
) -> Feedback:
    """Make the learners' pages, and with ``exchange`` hand them out. One who cannot have any stops nobody else.

    An interrupt says what is kept.

    :param student: only this one.
    :param shown: shows how it goes.
    :raises UsageError: nobody has been autograded.
    :raises NbgraderError: nothing could be made, or nothing released.
    """
    course = open_course(directory)
    rows = rows_of(course, None if student is None else [student])
    graded = _having(course, course.coursedir.autograded_directory, "*.ipynb", student)
    if not graded and all(row.mark is None for row in rows):
        raise UsageError(
            f"{student} has not been autograded." if student else "Nobody has been autograded.",
            next_step="Run: lab course autograde",
        )
    work = _Work.of(course, sorted(graded))
    with chosen(course.coursedir, student or "*"), keeping(work.kept):
        failed = work.do(shown)
    totals.write(course, student)
    having = _having(course, course.coursedir.feedback_directory, "*.html", student)
    if failed and not having:
        raise next(iter(failed.values()))
    reasons: dict[str, list[str]] = {}
    for row in rows:
        why = _why(row, row.student in having, row.student in work.done, failed.get(row.student))
        if why is not None:
            reasons.setdefault(why, []).append(row.student)
    done = Feedback(
        tuple(sorted(having)),
        len(work.settled),
        tuple(_sentence(students, why) for why, students in reasons.items()),
        faulty=bool(failed) or any(row.status.value == "error" for row in rows),
    )
    return _hand_out(course, student, done) if exchange else done


@dataclass
class _Work:
    """Whose pages are to be made, and how far it is. :ivar settled: whose are as they would be made."""

    course: Opened
    pages: UnchangedPages
    students: Sequence[str]
    settled: frozenset[str] = frozenset()
    made: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, course: Opened, students: Sequence[str]) -> _Work:
        """The work of making these students' pages."""
        from graders.nbgrader.settled import UnchangedPages

        return cls(course, UnchangedPages.of(course.coursedir, ASSIGNMENT, course.api.parent.config), students)

    def do(self, shown: Shown) -> dict[str, NbgraderError]:
        """Do it.

        :return: whose pages could not be made, each with what nbgrader said.
        """
        inputs = self.pages.inputs(self.students)
        self.settled = self.pages.settled(inputs)
        left = [one for one in self.students if one not in self.settled]
        if not left:
            return {}
        try:
            with shown(len(left), "with pages") as tell:
                return self._convert(left, tell)
        finally:
            self.pages.settle({one: inputs[one] for one in sorted(self.made)})

    @property
    def done(self) -> frozenset[str]:
        """Whose pages are those of what is autograded."""
        return self.settled | self.made

    def kept(self) -> str:
        """What an interrupt leaves, and how to go on."""
        there = len(self.done)
        if not there:
            return ""
        return f"the pages of {there} of {len(self.students)} learners are made, and stay; run the same command to make the others."

    def _convert(self, students: Sequence[str], tell: OnEvent) -> dict[str, NbgraderError]:
        from graders.batch.events import Verdict
        from graders.nbgrader import converting
        from lab_env.events import Phase

        def made(begun: Begun, ended: Ended) -> Any:
            return converting.feedback(self.course.coursedir, self.course.api, students, begun, ended)

        def ended(student: str, well: bool) -> None:
            if well:
                self.made.add(student)
            tell(Verdict(student, "pages made" if well else "no pages", well))

        return convert(made, students, lambda student: tell(Phase(student, "pages")), ended)


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


def _why(row: Row, has_pages: bool, are_made: bool, failed: NbgraderError | None) -> str | None:
    """Why somebody has no page of what was handed in last; None where there is one.

    :param has_pages: of notebooks; the one with the total is everybody's who has a mark.
    :param are_made: these pages are of what is autograded.
    :param failed: what nbgrader said when it could not make theirs.
    """
    status = row.status.value
    if status == "missing":
        return None if has_pages else "nothing was handed in"
    if status in ("waiting", "error"):
        earlier = "what there is is of an earlier submission: " if has_pages else ""
        return earlier + row.reason.rstrip(".")
    earlier = "what there is was made before: " if has_pages else ""
    if failed is not None:
        return earlier + failed.message.rstrip(".")
    if has_pages and are_made:
        return None
    if status == "ungradable" and not has_pages:
        return f"there is no notebook to show it in, only a page with the total. {row.reason.rstrip('.')}"
    return f"{earlier}nbgrader could not make it; autograde and generate feedback again"


def _sentence(students: Iterable[str], why: str) -> str:
    from lab_env.text import listed, one_line

    return f"No feedback for {listed(one_line(one) for one in students)}: {one_line(why)}."


def _having(course: Opened, step: str, files: str, student: str | None) -> frozenset[str]:
    """Whose directory of a step holds such files of notebooks: everybody who has a mark has a page with the total."""
    from graders.nbgrader.assignments import directories
    from graders.nbgrader.feedback_index import NAME

    found = directories(course.coursedir, step, ASSIGNMENT)
    return frozenset(
        id_
        for id_, path in found.items()
        if student in (None, id_) and any(file.name != NAME for file in Path(path).glob(files))
    )
