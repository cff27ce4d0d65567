"""The learners' pages: made by nbgrader's own step for each student, but for those whose pages would be what they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lab.course.autograding import Shown, unseen
from lab.course.nbgraders import ASSIGNMENT, NbgraderError, Opened, chosen, convert, open_course, run
from lab.guard import keeping

if TYPE_CHECKING:
    from graders.batch.events import OnEvent
    from graders.nbgrader.settled import UnchangedPages


@dataclass(frozen=True)
class Feedback:
    """What making pages came to.

    :param students: the ids of those who have pages.
    :param unchanged: of how many they are as the last time.
    """

    students: tuple[str, ...]
    unchanged: int = 0


def feedback(
    directory: Path | None, *, student: str | None = None, exchange: bool = False, shown: Shown = unseen
) -> Feedback:
    """Make the learners' pages, and with ``exchange`` hand them out. An interrupt says what is kept.

    :param student: only this one's.
    :param shown: shows how it goes.
    :raises NbgraderError: nobody is autograded, or nbgrader failed for somebody.
    """
    from graders.nbgrader.settled import UnchangedPages

    course = open_course(directory)
    with chosen(course.coursedir, student or "*"):
        pages = UnchangedPages.of(course.coursedir, ASSIGNMENT, course.api.parent.config)
        wanted = pages.autograded()
        if not wanted:
            # nbgrader says what is missing, in its own words.
            run(course.api.generate_feedback, ASSIGNMENT, student, force=True)
        work = _Work(course, pages, wanted)
        with keeping(work.kept):
            said = work.do(shown)
    if said is not None:
        raise said
    if exchange:
        run(course.api.release_feedback, ASSIGNMENT, student)
    found = Path(course.coursedir.format_path(course.coursedir.feedback_directory, "*", ASSIGNMENT))
    there = sorted(path.parent.name for path in course.root.glob(str(found.relative_to(course.root))))
    return Feedback(tuple(there), len(work.settled))


@dataclass
class _Work:
    """Whose pages are to be made, and how far it is. :ivar settled: whose are as they would be made."""

    course: Opened
    pages: UnchangedPages
    students: Sequence[str]
    settled: frozenset[str] = frozenset()
    made: set[str] = field(default_factory=set)

    def do(self, shown: Shown) -> NbgraderError | None:
        """Do it.

        :return: what nbgrader said where it failed for somebody.
        """
        inputs = self.pages.inputs(self.students)
        self.settled = self.pages.settled(inputs)
        left = [one for one in self.students if one not in self.settled]
        if not left:
            return None
        try:
            with shown(len(left), "with pages") as tell:
                return self._convert(left, tell)
        finally:
            self.pages.settle({one: inputs[one] for one in sorted(self.made)})

    def kept(self) -> str:
        """What an interrupt leaves, and how to go on."""
        there = len(self.settled) + len(self.made)
        if not there:
            return ""
        return f"the pages of {there} of {len(self.students)} learners are made, and stay; run the same command to make the others."

    def _convert(self, students: Sequence[str], tell: OnEvent) -> NbgraderError | None:
        from graders.batch.events import Verdict
        from graders.nbgrader import converting
        from lab_env.events import Phase

        def ended(student: str, well: bool) -> None:
            if well:
                self.made.add(student)
            tell(Verdict(student, "pages made" if well else "no pages", well))

        def begun(student: str) -> None:
            tell(Phase(student, "pages"))

        try:
            convert(converting.feedback(self.course.coursedir, self.course.api, students, begun, ended))
        except NbgraderError as error:
            return error
        return None
