"""A submission as it is shown: the released notebooks with those of the learner's cells in them that were read."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graders.model import Evidence
from graders.nbgrader.copies import original
from graders.nbgrader.markdown import harmless
from graders.nbgrader.release import AnswerCell, GivenCell, Release, ReleasedNotebook, joined
from graders.nbgrader.submitted import Handed
from graders.nbgrader.taken import TakenCell
from graders.report.cards import where_of
from lab_env.errors import SubmissionError
from lab_env.submission import SourceFile
from lab_env.text import counted, listed, one_line, visible

HEADING = (
    "## Read as well\n\nThese cells and files have no place in the released notebook. They were graded like the others."
)
MAX_APPENDED = 60
"""Cells that are shown at the end of one notebook; of what is left, how many."""
_MAX_SHOWN = 200_000
"""Characters of one cell that are shown: a file of the lesson has a few thousand."""
_LONGEST_NAME = 120
_SUFFIX = ".ipynb"


@dataclass(frozen=True)
class Place:
    """A cell of the notebook that is shown, by the notebook's name and the cell's place in it, from 0."""

    notebook: str
    index: int


@dataclass(frozen=True)
class _Layout:
    """:param slots: which of the learner's cells is shown in a cell of the release.

    :param beside: those that are shown at the end of a notebook.
    :param files: those that were handed in as files, likewise.
    """

    slots: Mapping[Place, TakenCell]
    beside: Mapping[str, tuple[TakenCell, ...]]
    files: Mapping[str, tuple[SourceFile, ...]]


@dataclass(frozen=True)
class Reconstruction:
    """One submission as it is graded and shown.

    :param handed: what was read of the learner's.
    """

    release: Release
    handed: Handed

    @property
    def refusal(self) -> SubmissionError | None:
        """Why it cannot be graded; None when it can."""
        return self.handed.refusal

    @property
    def digest(self) -> str:
        """``sha256:`` and 64 hexadecimal digits: the same for what is graded alike."""
        return self.handed.digest

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
        for slot in notebook.slots:
            taken = self._layout.slots.get(Place(name, slot.index))
            if taken is not None:
                code = document["cells"][slot.index]["cell_type"] == "code"
                document["cells"][slot.index]["source"] = _cut(taken.text) if code else harmless(taken.text)
        document["cells"] += _with_ids(self._appended(name), document)
        return document

    def where(self, seen: Evidence) -> str:
        """Where a piece of evidence is: the file's line, and the cell that is shown, or was handed in."""
        submission = self.handed.submission
        file = submission.any_file(seen.path) if submission is not None and seen.path is not None else None
        plain = where_of(seen.model_copy(update={"cell": None}))
        if file is None or seen.line is None:
            return plain
        span = next((one for one in file.cells if one.line <= seen.line <= one.end_line), None)
        if span is None:
            return plain
        own = f"cell {span.cell + 1} of {shown_path(span.notebook)}"
        place = self._places.get((span.notebook, span.cell))
        if place is None:
            return f"{plain}, {own} as it was handed in"
        shown = f"cell {place.index + 1} of {place.notebook}"
        same = (place.index, f"{place.notebook}{_SUFFIX}") == (span.cell, span.notebook)
        return f"{plain}, {shown}" if same else f"{plain}, {shown} (handed in as {own})"

    def remarks(self, name: str) -> Mapping[str, str]:
        """What the learner has to know of each answer, by nbgrader's id; in our words only."""
        found = {}
        for answer in self.release.notebook(name).answers:
            said = " ".join(self._on(name, answer))
            if said:
                found[answer.id] = said
        return found

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What is not read of the submission, or is missing in it, a sentence each; names in them are made harmless."""
        return tuple(dict.fromkeys(one_line(note) for note in self._notes()))

    def _notes(self) -> Iterator[str]:
        if self.handed.submission is not None:
            yield from self.handed.submission.notes
        if self.refusal is not None:
            return  # it says what is wrong; all else comes after it
        for notebook in self.release.notebooks:
            yield from self._missing(notebook)
        for path in self.handed.notebooks:
            if self._of_release(path) is None and not self.handed.notebooks[path]:
                number = sum(cell.notebook == path and cell.path is not None for cell in self.handed.cells)
                read = (
                    f"{counted(number, 'cell')} of it {'is' if number == 1 else 'are'} read"
                    if number
                    else "nothing of it is read, as no cell begins with %%hcl PATH"
                )
                yield f"{shown_path(path)} is none of the assignment's notebooks: {read}."

    def _missing(self, notebook: ReleasedNotebook) -> Iterator[str]:
        """What of a released notebook nobody's cell stands for."""
        gone = [
            slot
            for slot in notebook.slots
            if Place(notebook.name, slot.index) not in self._layout.slots and not self._is_written(slot)
        ]
        if not gone:
            return
        if not self._sources(notebook.name):
            yield f"{notebook.name}{_SUFFIX} was not handed in."
        elif any(not self.handed.notebooks[path] for path in self._sources(notebook.name)):
            paths = [slot.path or slot.id for slot in gone]
            yield f"No cell of {notebook.name}{_SUFFIX} writes {listed(paths)} any more."

    def _is_written(self, slot: AnswerCell | GivenCell) -> bool:
        submission = self.handed.submission
        return slot.path is not None and submission is not None and submission.any_file(slot.path) is not None

    def _on(self, name: str, answer: AnswerCell) -> Iterator[str]:
        taken = self._layout.slots.get(Place(name, answer.index))
        if taken is None:
            yield self._why_not(name, answer)
            return
        if answer.cell_type != "code":
            return
        if taken.kind != "code":
            yield "This answer was handed in as a Markdown or raw cell, so nothing of it was read: an answer is a code cell."
        elif taken.path is None:
            yield "This answer does not begin with the line %%hcl PATH, so nothing of it was read."
        elif answer.path is not None and taken.path != answer.path:
            yield "This answer writes another file than the released cell. It was read as what its first line says."
        others = [
            cell
            for cell in self.handed.cells
            if cell is not taken and answer.path is not None and cell.path == answer.path
        ]
        if others and taken.path == answer.path:
            yield (
                f"{counted(len(others) + 1, 'cell')} write this file. All were read, one behind the other, as one file; "
                "those without a place here are at the end."
            )

    def _why_not(self, name: str, answer: AnswerCell) -> str:
        stands = "What stands here is the released one."
        if self.refusal is not None and not self.handed.cells:
            return "The submission could not be read. The check cells say why."
        if self._is_written(answer):
            return f"This file was handed in as a file, not as a cell: it is at the end. {stands}"
        sources = self._sources(name)
        if not sources:
            return f"This notebook was not handed in. {stands}"
        if all(self.handed.notebooks[path] for path in sources):
            return f"This notebook could not be read, so it counts as missing. {stands}"
        return f"This cell was not in the notebook any more. {stands}"

    def _of_release(self, path: str) -> str | None:
        """The released notebook that one of this name is, or is a copy of."""
        return original(path.rpartition("/")[2].removesuffix(_SUFFIX), self.release.names)

    def _sources(self, name: str) -> tuple[str, ...]:
        return tuple(path for path in self.handed.notebooks if self._of_release(path) == name)

    @cached_property
    def _layout(self) -> _Layout:
        slots = [(notebook.name, slot) for notebook in self.release.notebooks for slot in notebook.slots]
        found: dict[Place, TakenCell] = {}
        left = list(self.handed.cells)
        for by_id in (True, False):
            for name, slot in slots:
                place = Place(name, slot.index)
                if place in found:
                    continue
                fitting = [
                    cell
                    for cell in left
                    if (cell.grade_id == slot.id if by_id else slot.path is not None and cell.path == slot.path)
                ]
                if fitting:
                    # That of the notebook itself comes before one of a copy, and what is read before what is not.
                    found[place] = min(
                        fitting, key=lambda cell: (cell.path is None, self._of_release(cell.notebook) != name)
                    )
                    left.remove(found[place])
        home = {cell.notebook: place.notebook for place, cell in reversed(found.items())}
        last = self.release.notebooks[-1].name
        beside: dict[str, list[TakenCell]] = {}
        for cell in left:
            if cell.path is not None:
                name = self._of_release(cell.notebook) or home.get(cell.notebook, last)
                beside.setdefault(name, []).append(cell)
        files: dict[str, list[SourceFile]] = {}
        written = {slot.path: name for name, slot in slots}
        for file in self.handed.submission.files if self.handed.submission is not None else ():
            if not file.cells and file.path not in {cell.path for cell in self.handed.cells}:
                files.setdefault(written.get(file.path, last), []).append(file)
        return _Layout(found, {n: tuple(c) for n, c in beside.items()}, {n: tuple(f) for n, f in files.items()})

    @cached_property
    def _places(self) -> Mapping[tuple[str, int], Place]:
        """Where each of the learner's cells is shown, by its notebook's path and its place there."""
        places = {(cell.notebook, cell.index): place for place, cell in self._layout.slots.items()}
        for name, cells in self._layout.beside.items():
            # After the heading each cell has a line before it that says where it is from.
            first = len(self.release.notebook(name).document["cells"]) + 2
            for number, cell in enumerate(cells[:MAX_APPENDED]):
                places[cell.notebook, cell.index] = Place(name, first + 2 * number)
        return places

    def _appended(self, name: str) -> Iterable[dict[str, Any]]:
        cells, files = self._layout.beside.get(name, ()), self._layout.files.get(name, ())
        pairs = [(f"Cell {cell.index + 1} of `{shown_path(cell.notebook)}`:", cell.text) for cell in cells]
        pairs += [(f"The file `{shown_path(file.path)}`:", file.text) for file in files]
        if not pairs:
            return
        yield _markdown(HEADING)
        for said, text in pairs[:MAX_APPENDED]:
            yield _markdown(said)
            yield {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": _cut(text)}
        if len(pairs) > MAX_APPENDED:
            yield _markdown(f"{len(pairs) - MAX_APPENDED} more were read and are not shown.")


def shown_path(path: str) -> str:
    """A learner's file name as a plain word: of one line, cut, and without what Markdown or HTML would take for a sign."""
    plain = "".join(c if c not in "`<>&*[]\\|=\"'" else "?" for c in one_line(path))
    return plain if len(plain) <= _LONGEST_NAME else f"{plain[:_LONGEST_NAME]}…"


def _cut(text: str) -> str:
    if len(text) <= _MAX_SHOWN:
        return text
    return f"{text[:_MAX_SHOWN]}\n# … {len(text) - _MAX_SHOWN} more characters, which were read and are not shown."


def _markdown(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": visible(text)}


def _with_ids(cells: Iterable[dict[str, Any]], document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Notebooks have ids for their cells from version 4.5 on."""
    has = (document.get("nbformat"), document.get("nbformat_minor", 0)) >= (4, 5)
    taken = {cell.get("id") for cell in document["cells"]}
    for number, cell in enumerate(cells, start=1):
        id_ = f"read-as-well-{number}"
        while id_ in taken:
            id_ += "-"
        yield {**cell, "id": id_} if has else cell
