"""Which cell wrote which lines of a file: several cells of one notebook may write the same path.

Handed in, the cells of a notebook that name the same path are that file's parts, in order. Running one of them means: it writes
the whole file, unless the saved notebook has other cells for the path beside it; then the file is all of them, in the
notebook's order, each as it was last run in this kernel, or else as it was saved.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lab.session.place import NotebookDirectory, Place
    from lab_env.submission.notebooks import HclCell

_FILE = "cells.json"
_SCHEMA = 1
_MAX_NOTEBOOK_BYTES = 16 << 20


@dataclass(frozen=True)
class CellLine:
    """A line of a cell.

    :param notebook: its file's name; empty when it is not known.
    :param part: which of the file's cells, from 1, of ``parts``.
    :param line: in the cell, from 1, where ``%%hcl`` is line 1.
    """

    notebook: str
    part: int
    parts: int
    line: int

    def __str__(self) -> str:
        which = "its cell" if self.parts == 1 else f"cell {self.part} of the {self.parts} that write it"
        return f"line {self.line} of {which}" + (f" in {self.notebook}" if self.notebook else "")


@dataclass(frozen=True)
class Assembled:
    """A file put together.

    :param parts: the lines of each cell, in order; ``mine`` is which of them was run, from 0.
    :param replaced: another cell of this kernel had written the file, and its text is not in it any more.
    """

    parts: tuple[tuple[str, ...], ...]
    mine: int
    notebook: str = ""
    replaced: bool = False

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for part in self.parts for line in part)

    def cell_line(self, line: int) -> CellLine | None:
        """Find where a line of the file is."""
        return _cell_line([len(part) for part in self.parts], self.notebook, line)


@dataclass
class Cells:
    """What the cells of this kernel wrote, by path and cell id."""

    place: NotebookDirectory
    _run: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)

    def assemble(self, path: str, lines: Sequence[str], cell_id: str | None) -> Assembled:
        """Put the file together, now that a cell was run.

        :param lines: what the cell has after its first line.
        :param cell_id: the cell's; None where the front end does not tell.
        """
        run = self._run.setdefault(path, {})
        own = tuple(lines)
        notebook, saved = _saved(self.place.root, path)
        ids = [cell.id for cell in saved]
        if cell_id is None:
            # Without an id, a cell is known by its text.
            mine = next((i for i, cell in enumerate(saved) if cell.lines == own), -1)
        else:
            mine = ids.index(cell_id) if cell_id in ids else -1
            run[cell_id] = own
        if mine < 0 or len(saved) < 2:
            others = [id_ for id_, text in run.items() if id_ != cell_id and text != own]
            for id_ in others:
                del run[id_]
            return Assembled((own,), 0, notebook, replaced=bool(others))
        parts = tuple(own if i == mine else run.get(cell.id, cell.lines) for i, cell in enumerate(saved))
        return Assembled(parts, mine, notebook)

    def remember(self, path: str, made: Assembled) -> None:
        """Keep which lines of the file each cell has, for whoever looks at the file later."""
        from lab import working_copy
        from lab_env.files import write_output

        known = dict(_read(self.place))
        known[path] = {
            "digest": _digest(made.text),
            "notebook": made.notebook,
            "lines": [len(part) for part in made.parts],
        }
        document = {"schema": _SCHEMA, "files": dict(sorted(known.items()))}
        write_output(working_copy.memory(self.place.root) / _FILE, json.dumps(document, indent=2) + "\n")


def cell_line(place: Place, path: str | None, line: int | None) -> CellLine | None:
    """Find where a line of a file of the workspace is in its notebook; None when no cell wrote the file as it is now."""
    if path is None or line is None:
        return None
    known, text = _read(place).get(path), place.text(path)
    if known is None or text is None or known.get("digest") != _digest(text):
        return None
    try:
        return _cell_line([int(count) for count in known["lines"]], str(known["notebook"]), line)
    except (KeyError, TypeError, ValueError):
        return None


def _cell_line(counts: Sequence[int], notebook: str, line: int) -> CellLine | None:
    first = 1
    for number, count in enumerate(counts, start=1):
        # An error at the end of a file is often told on the line behind its last.
        if first <= line < first + count or (number == len(counts) and line == first + count):
            return CellLine(notebook, number, len(counts), line - first + 2)
        first += count
    return None


def _saved(root: Path, path: str) -> tuple[str, tuple[HclCell, ...]]:
    """Find the saved notebook beside which we work that writes a path, and its cells that do; nothing when none does."""
    from lab.session import place

    found = {file.name: cells for file in sorted(root.glob("*.ipynb")) if (cells := _cells_of(file, path))}
    # A copy of a notebook writes the same paths: then the one counts that this kernel runs.
    ours = (place.told_notebook() or Path(os.environ.get("JPY_SESSION_NAME", ""))).name
    name = ours if ours in found else next(iter(found)) if len(found) == 1 else ""
    return name, found.get(name, ())


def _cells_of(file: Path, path: str) -> tuple[HclCell, ...]:
    from lab_env.errors import SubmissionError
    from lab_env.submission.directory import read_bytes
    from lab_env.submission.notebooks import hcl_cells

    try:
        data = read_bytes(file, _MAX_NOTEBOOK_BYTES, shown=file.name)
        if f"%%hcl {path}".encode() not in data:  # most notebooks are passed over without being parsed
            return ()
        return tuple(cell for cell in hcl_cells(file.name, data) if cell.path == path)
    except SubmissionError:
        return ()


def _read(place: Place) -> Mapping[str, Any]:
    from lab.working_copy import MEMORY

    try:
        document = json.loads((place.root / MEMORY / _FILE).read_text(encoding="utf-8"))
        files = document["files"] if document["schema"] == _SCHEMA else {}
        return {str(path): known for path, known in files.items() if isinstance(known, dict)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
