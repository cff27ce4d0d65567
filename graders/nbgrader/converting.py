"""nbgrader's own converters, for the students that are named, telling at whom they are.

nbgrader's API converts whatever a pattern finds, says nothing until it has ended, and takes Ctrl-C for an error among others. These
are its converters all the same: what is read, written and called, and in which order, is theirs.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from nbgrader.converters import Autograde, GenerateFeedback

from graders.nbgrader.settings import instead_of_notebooks

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

Ended = Callable[[str, bool], None]
"""Called with a student and whether the step ended well."""


class _Chosen:
    """A mix-in before a converter of nbgrader's.

    :ivar chosen: the students to convert; nobody else is looked for.
    :ivar begun: called with each as it begins; ``ended`` when it has.
    """

    chosen: tuple[str, ...] = ()
    begun: Callable[[str], None]
    ended: Ended
    _at: str | None = None

    def init_notebooks(self) -> None:
        self.assignments: dict[str, list[str]] = {}
        self.notebooks: list[str] = []
        for student in self.chosen:
            directory = self._format_source(self.coursedir.assignment_id, student)  # type: ignore[attr-defined]
            found = glob.glob(f"{glob.escape(directory)}{os.sep}*.ipynb")  # noqa: PTH207 - the form of nbgrader's paths
            found = found or [f"{directory}{os.sep}{name}" for name in self.instead()]
            if found:
                self.assignments[directory] = found

    def instead(self) -> list[str]:
        """The names of what stands for notebooks where there is none."""
        return []

    def init_destination(self, assignment_id: str, student_id: str) -> bool:
        self._leave(False)  # whoever is still at it when the next one begins has failed
        self._at = student_id
        self.begun(student_id)
        wanted: bool = super().init_destination(assignment_id, student_id)  # type: ignore[misc]
        return wanted

    def run_post_convert_hook(self) -> None:
        super().run_post_convert_hook()  # type: ignore[misc]
        self._leave(True)

    def convert_notebooks(self) -> None:
        try:
            super().convert_notebooks()  # type: ignore[misc]
        except Exception:
            self._leave(False)
            raise

    def _leave(self, well: bool) -> None:
        if self._at is not None:
            student, self._at = self._at, None
            self.ended(student, well)


class ChosenAutograde(_Chosen, Autograde):  # type: ignore[misc]
    """nbgrader's autograding, which comes to every submission: notebooks may lie a directory deeper, or be missing."""

    def instead(self) -> list[str]:
        return instead_of_notebooks(self.coursedir)


class ChosenFeedback(_Chosen, GenerateFeedback):  # type: ignore[misc]
    """nbgrader's feedback."""


def autograding(
    coursedir: CourseDirectory, parent: Any, students: Iterable[str], begun: Callable[[str], None], ended: Ended
) -> Any:
    """An autograding of these students, to be started."""
    made = ChosenAutograde(coursedir=coursedir, parent=parent)
    made.force = made.create_student = True
    return _told(made, students, begun, ended)


def feedback(
    coursedir: CourseDirectory, parent: Any, students: Iterable[str], begun: Callable[[str], None], ended: Ended
) -> Any:
    """A making of these students' pages, to be started."""
    made = ChosenFeedback(coursedir=coursedir, parent=parent)
    made.force = True
    return _told(made, students, begun, ended)


def _told(made: Any, students: Iterable[str], begun: Callable[[str], None], ended: Ended) -> Any:
    made.chosen, made.begun, made.ended = tuple(students), begun, ended
    return made
