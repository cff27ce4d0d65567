"""A submission rebuilt: the released notebooks with the learner's answers in them, and nothing else of the learner's."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graders.nbgrader.markdown import harmless
from graders.nbgrader.release import HCL, AnswerCell, Release, ReleasedNotebook, joined
from graders.nbgrader.submitted import Handed
from lab_env.errors import SubmissionError
from lab_env.submission.model import SourceFile
from lab_env.submission.model import digest as digest_of


@dataclass(frozen=True)
class Reconstruction:
    """One submission as it is graded and shown.

    :param handed: what was taken from the learner's notebooks.
    """

    release: Release
    handed: Handed

    @property
    def refusal(self) -> SubmissionError | None:
        """Why it cannot be graded; None when it can."""
        return self.handed.refusal

    @cached_property
    def files(self) -> dict[str, bytes]:
        """What the grader gets: each notebook with the cells that write files, all others empty.

        So a cell has the number that it has for the reader, and neither the lesson's prose (which shows what a leak looks
        like) nor a new edition of it can change a verdict.
        """
        return {f"{notebook.name}.ipynb": _graded(self.document(notebook.name)) for notebook in self.release.notebooks}

    @cached_property
    def digest(self) -> str:
        """``sha256:`` and 64 hexadecimal digits: the same for the same answers."""
        if self.refusal is not None:
            said = f"{self.refusal.message}\0{self.handed.mark}"
            return f"sha256:{hashlib.sha256(said.encode()).hexdigest()}"
        return digest_of((SourceFile(name, data) for name, data in self.files.items()), ())

    def document(self, name: str) -> dict[str, Any]:
        """The whole notebook as JSON, to be shown: texts joined, without outputs but for those of the release.

        :raises CourseError: the assignment has no such notebook.
        """
        notebook = self.release.notebook(name)
        document: dict[str, Any] = copy.deepcopy(dict(notebook.document))
        for cell in document["cells"]:
            cell["source"] = joined(cell["source"])
        # nbconvert gives a cell its magic's colours only where the notebook's own are IPython's.
        document["metadata"].setdefault("language_info", {}).setdefault("pygments_lexer", "ipython3")
        for answer in notebook.answers:
            document["cells"][answer.index]["source"] = self._text(notebook, answer)
        return document

    def remarks(self, name: str) -> Mapping[str, str]:
        """What the learner has to know of each answer, by grade id; in our words only."""
        taken = self.handed.taken.get(name)
        found = {}
        for answer in self.release.notebook(name).answers:
            if name in self.handed.links:
                found[answer.id] = (
                    "This notebook was handed in as a link, which is never followed. It counts as missing."
                )
            elif name in self.handed.missing:
                found[answer.id] = "This notebook was not handed in. What stands here is the released one."
            elif taken is None:
                found[answer.id] = "The submission could not be read. The check cells say why."
            elif answer.id not in taken.answers:
                found[answer.id] = "This cell was not in the notebook any more. What stands here is the released one."
            elif answer.id in taken.twice:
                found[answer.id] = "There was more than one cell with this id. The first one counts."
        return found

    def _text(self, notebook: ReleasedNotebook, answer: AnswerCell) -> str:
        taken = self.handed.taken.get(notebook.name)
        text = taken.answers.get(answer.id) if taken is not None else None
        if text is None:
            return answer.source
        if answer.cell_type != "code":
            return harmless(text)
        return text if answer.magic is None else with_magic(text, answer.magic)


def with_magic(text: str, magic: str) -> str:
    """``text`` under the release's first line; a first line of the learner's own that is a cell magic gives way to it."""
    lines = text.split("\n")
    first = next((index for index, line in enumerate(lines) if line.strip()), None)
    if first is not None and lines[first].lstrip().startswith("%%"):
        lines = lines[first + 1 :]
    return "\n".join([magic, *lines])


def _graded(document: Mapping[str, Any]) -> bytes:
    cells = [_graded_cell(cell) for cell in document["cells"]]
    shape = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(shape, sort_keys=True).encode()


def _graded_cell(cell: Mapping[str, Any]) -> dict[str, Any]:
    source = joined(cell["source"])
    kept = source if cell["cell_type"] == "code" and source.startswith(HCL) else ""
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": kept}
