"""nbgrader's release of feedback, a student at a time: who cannot get any is told, and nobody else goes without for it."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from nbgrader.exchange.default import ExchangeReleaseFeedback

from graders.nbgrader.assignments import directories, is_lesson
from graders.nbgrader.kept import is_student_id
from graders.nbgrader.submitted import SECRET, TIMESTAMP, read_secret
from lab_env.text import counted, listed, one_line

_UNSENT = (
    f"no {SECRET} came with the submission, by which the exchange finds them; if it was submitted there, "
    "collect, autograde and generate feedback again, else give the pages out yourself"
)


@dataclass(frozen=True)
class Pages:
    """One student's feedback. :param secret: by what they find it; None when it can be found by nobody."""

    student: str
    directory: str
    secret: bytes | None


class ReleaseFeedback(ExchangeReleaseFeedback):  # type: ignore[misc]
    """Releases the pages of all who can fetch them.

    A page's name in the exchange is a digest of the submission's secret and the notebook's name. nbgrader ends at the first
    student whose submission has none (sent by mail, unpacked from an LMS), and those after it go without. Two who handed
    in with one secret, which takes a copy, would find each other's pages: they get none.
    """

    src_path: str

    def copy_files(self) -> None:
        """Release those that can be; fails when there are none at all.

        :raises ExchangeError: nobody's could be released.
        """
        if not is_lesson(self.coursedir, self.coursedir.assignment_id):
            super().copy_files()
            return
        chosen = self._pages(self.coursedir.student_id or "*")
        shared = self._shared()
        released = 0
        without: dict[str, list[str]] = defaultdict(list)
        for pages in chosen:
            why = _lacking(pages, shared)
            if why is None:
                try:
                    self._release(pages)
                    released += 1
                    continue
                except OSError as error:
                    why = f"they cannot be read or written ({error.strerror})"
            without[why].append(one_line(pages.student))
        said = [f"The pages of {listed(students)} were not released: {why}." for why, students in without.items()]
        for sentence in said:
            self.log.warning(sentence)
        self.log.info("Released the feedback of %s", counted(released, "student"))
        if not released:
            self.fail(" ".join(said) or f"There are no pages in {self.src_path}: generate feedback first.")

    def _release(self, pages: Pages) -> None:
        before = self.src_path
        self.src_path = pages.directory
        try:
            super().copy_files()
        finally:
            self.src_path = before

    def _pages(self, student: str) -> list[Pages]:
        found = directories(self.coursedir, self.coursedir.feedback_directory, self.coursedir.assignment_id, student)
        return [
            Pages(id_, path, read_secret(Path(path))) for id_, path in found.items() if any(Path(path).glob("*.html"))
        ]

    def _shared(self) -> dict[bytes, list[str]]:
        """Whose secret somebody else has, too, in the whole class."""
        having = defaultdict(list)
        for pages in self._pages("*"):
            if pages.secret is not None:
                having[pages.secret].append(pages.student)
        return {secret: students for secret, students in having.items() if len(students) > 1}


def _lacking(pages: Pages, shared: dict[bytes, list[str]]) -> str | None:
    if not is_student_id(pages.student):
        return "nobody may be called so"
    if pages.secret is None:
        return _UNSENT
    if pages.secret in shared:
        others = [one_line(student) for student in shared[pages.secret] if student != pages.student]
        return f"{listed(others)} handed in with the same secret, so that each would find the other's"
    if not os.path.isfile(os.path.join(pages.directory, TIMESTAMP)):  # noqa: PTH113, PTH118 - nbgrader's form
        return f"there is no {TIMESTAMP} with them"
    return None
