"""The values that a class is asked for, in its release."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbgrader.preprocessors import NbGraderPreprocessor

from graders.assignment import FILE, Assignment, read_assignment
from lab_env.lesson import fill

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from nbgrader.coursedir import CourseDirectory


def assignment_of(coursedir: CourseDirectory, assignment: str) -> Assignment | None:
    """The instructor's file beside the source notebooks; None: the standard lesson is asked for.

    :raises UsageError: it is not understood.
    """
    path = Path(coursedir.format_path(coursedir.source_directory, ".", assignment)) / FILE
    return read_assignment(path) if path.is_file() else None


class FillValues(NbGraderPreprocessor):  # type: ignore[misc]
    """Puts a class's values into the release. Where each learner has values of their own, the marks for them stay."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """``nb`` with the values that ``assignment.toml`` beside the source sets.

        :raises UsageError: the file is not understood.
        """
        ours = resources.get("nbgrader")
        if ours is None:
            return nb, resources  # a release that is made outside of a course
        converter = self.parent
        while converter is not None and getattr(converter, "coursedir", None) is None:
            converter = converter.parent
        if converter is None:
            return nb, resources
        found = assignment_of(converter.coursedir, ours["assignment"])
        if found is not None and found.variants is None:
            for cell in nb.cells:
                cell.source = fill(cell.source, found.lesson)
        return nb, resources
