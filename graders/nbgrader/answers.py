"""What learners find in place of a solution."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import ClearSolutions

from graders.nbgrader.filling import FillValues
from graders.nbgrader.settings import HCL_STUB
from lab_env.submission.notebooks import written_by


class ClearAnswers(ClearSolutions):  # type: ignore[misc]
    """nbgrader's, with HCL's stub where the cell is HCL; a cell of another language keeps the stub that nbgrader gives it."""

    code_stub: dict[str, str]

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], cell_index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """The cell without its solution."""
        if written_by(cell.source)[0] is None:
            found: tuple[NotebookNode, dict[str, Any]] = super().preprocess_cell(cell, resources, cell_index)
            return found
        stubs, language = self.code_stub, resources["language"]
        self.code_stub = {**stubs, language: HCL_STUB}
        try:
            found = super().preprocess_cell(cell, resources, cell_index)
        finally:
            self.code_stub = stubs
        return found


def release_steps() -> list[Any]:
    """nbgrader's own steps from source to release behind :class:`FillValues`, with :class:`ClearAnswers` in the place of
    ``ClearSolutions``."""
    steps = GenerateAssignment.class_traits()["preprocessors"].default()
    return [FillValues, *(ClearAnswers if step is ClearSolutions else step for step in steps)]
