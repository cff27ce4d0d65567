"""Files from notebooks: a code cell whose first line is ``%%hcl PATH`` is the file PATH. Nothing is executed.

Several cells of one notebook with the same path are that file's parts, in order (the lesson builds a file in steps).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lab_env.errors import SubmissionError
from lab_env.submission.limits import MAX_FILE_BYTES, clean_path
from lab_env.submission.model import CellSpan, SourceFile

_MAGIC = "%%hcl"
_BLANKS = " \t"


@dataclass(frozen=True)
class HclCell:
    """A cell that writes a file.

    :param index: in its notebook, from 0; ``id`` is the cell's own, empty in a notebook that has none.
    :param lines: of the file, without line ends.
    """

    index: int
    id: str
    path: str
    lines: tuple[str, ...]


@dataclass
class _Part:
    """A file being put together from cells."""

    notebook: str
    lines: list[str] = field(default_factory=list)
    spans: list[CellSpan] = field(default_factory=list)

    def add(self, cell: int, lines: list[str]) -> None:
        first = len(self.lines) + 1
        self.lines.extend(lines)
        if lines:
            self.spans.append(CellSpan(cell, first, len(self.lines), self.notebook))

    def file(self, path: str) -> SourceFile:
        # A lone surrogate is legal in a notebook's JSON and in no file: it becomes a question mark.
        data = "".join(f"{line}\n" for line in self.lines).encode("utf-8", "replace")
        if len(data) > MAX_FILE_BYTES:
            raise SubmissionError(
                f"{path} in {self.notebook} is larger than 1 MiB.", next_step="Shorten the cells.", path=self.notebook
            )
        return SourceFile(path, data, tuple(self.spans))

    def beginning(self, path: str) -> SourceFile:
        """The first lines, as many as a file may have: no Terraform reads them, so what is more costs nothing."""
        room, kept = MAX_FILE_BYTES, 0
        for line in self.lines:
            room -= len(line.encode("utf-8", "replace")) + 1
            if room < 0:
                break
            kept += 1
        data = "".join(f"{line}\n" for line in self.lines[:kept]).encode("utf-8", "replace")
        return SourceFile(path, data, tuple(span for span in self.spans if span.end_line <= kept))


def hcl_cells(name: str, data: bytes) -> tuple[HclCell, ...]:
    """The cells of a notebook that write files, in order.

    :param name: the notebook's, for errors.
    :raises SubmissionError: it is no notebook, or a cell names a path that does not stay inside.
    """
    found = []
    for index, cell in enumerate(_cells(name, data)):
        source = _joined(cell.get("source"))
        word = _written_path(cell, source)
        if word is not None:
            path = written_path(word, where=f"cell {index + 1} of {name}")
            found.append(HclCell(index, str(cell.get("id") or ""), path, tuple(body_lines(source.partition("\n")[2]))))
    return tuple(found)


def written_path(word: str, *, where: str) -> str:
    """The path that ``%%hcl`` was given, cleaned.

    :raises SubmissionError: it does not stay inside.
    """
    return clean_path(word.strip("'\""), where=where)


def body_lines(body: str) -> list[str]:
    """The file's lines in what follows a cell's first line. Split on line feeds only: Terraform counts lines by them."""
    lines = body.split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def read_notebooks(notebooks: Mapping[str, bytes]) -> tuple[tuple[SourceFile, ...], tuple[SourceFile, ...]]:
    """Split notebooks into the files their cells write and the rest of their text.

    :param notebooks: path and bytes of each ``.ipynb`` file.
    :return: the written files, and for each notebook a file with its other cells and text outputs (for the leak scan).
    :raises SubmissionError: not a notebook, or a path that two notebooks write.
    """
    written: dict[str, _Part] = {}
    rest: list[SourceFile] = []
    for name in sorted(notebooks):
        other = _Part(name)
        for index, cell in enumerate(_cells(name, notebooks[name])):
            source = _joined(cell.get("source"))
            word = _written_path(cell, source)
            if word is None:
                other.add(index, source.splitlines())
            else:
                path = written_path(word, where=f"cell {index + 1} of {name}")
                part = written.setdefault(path, _Part(name))
                if part.notebook != name:
                    raise SubmissionError(
                        f"{path} is written by two notebooks, {part.notebook} and {name}.",
                        next_step="Keep each path in one notebook.",
                        path=name,
                    )
                part.add(index, body_lines(source.partition("\n")[2]))
            other.add(index, _output_text(cell).splitlines())
        rest.append(other.beginning(name))
    return tuple(part.file(path) for path, part in sorted(written.items())), tuple(rest)


def _cells(name: str, data: bytes) -> list[Mapping[str, Any]]:
    import nbformat

    try:
        notebook = nbformat.reads(data.decode("utf-8-sig"), as_version=4)
        return [cell for cell in notebook.cells if isinstance(cell, Mapping)]
    except Exception as error:  # nbformat raises whatever the damaged JSON makes it raise
        reason = (str(error).splitlines() or [""])[0][:120]
        raise SubmissionError(
            f"{name} is not a readable notebook ({type(error).__name__}: {reason}).",
            next_step="Open it in JupyterLab, save it and hand it in again.",
            path=name,
        ) from None


def _written_path(cell: Mapping[str, Any], source: str) -> str | None:
    line = source.partition("\n")[0].rstrip("\r") if cell.get("cell_type") == "code" else ""
    word = line.removeprefix(_MAGIC)
    if word == line or word[:1] not in tuple(_BLANKS):
        return None
    path = word.strip(_BLANKS)
    return None if path[:1].isspace() else path or None


def _joined(source: object) -> str:
    if isinstance(source, list):
        return "".join(str(piece) for piece in source)
    return source if isinstance(source, str) else ""


def _as_json(value: object) -> str:
    try:
        return json.dumps(value, sort_keys=True)
    except (TypeError, RecursionError):  # nested deeper than Python writes, though it read it
        return ""


def _output_text(cell: Mapping[str, Any]) -> str:
    outputs = cell.get("outputs")
    texts = []
    for output in outputs if isinstance(outputs, list) else []:
        data = output.get("data") if isinstance(output, Mapping) else None
        plain = data.get("text/plain") if isinstance(data, Mapping) else None
        texts += [_joined(output.get("text")), _joined(plain), _joined(output.get("traceback"))]
        if isinstance(data, Mapping) and "application/json" in data:
            texts.append(_as_json(data["application/json"]))
    return "\n".join(t for t in texts if t)[:MAX_FILE_BYTES]
