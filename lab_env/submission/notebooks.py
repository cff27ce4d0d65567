"""Files from notebooks: a code cell whose first line is ``%%hcl PATH`` is the file PATH. Nothing is executed.

Several cells of one notebook with the same path are that file's parts, in order (the lesson builds a file in steps). What begins
a cell is what begins it for the notebook's kernel, too: empty lines before it and an indentation of the whole are nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lab_env.errors import SubmissionError
from lab_env.submission.limits import MAX_FILE_BYTES, clean_path
from lab_env.submission.model import CellSpan, SourceFile

_MAGIC = "%%hcl"
_BLANKS = " \t"
_INDENTED = re.compile(r"[ \t]+")


@dataclass(frozen=True)
class Cell:
    """A cell as it is read.

    :param index: in its notebook, from 0; ``id`` is the cell's own, empty in a notebook that has none.
    :param kind: ``code``, ``markdown``, ``raw``, or whatever the notebook says.
    :param source: its text.
    :param word: the path that it names to be written; None when it writes no file.
    :param body: what of its text is the file's, when it writes one.
    :param grade_id: nbgrader's id, empty when it has none; ``answer``: it is one that nbgrader has the learner write.
    :param given: it is nbgrader's, for reading only, and its text is the one that was released.
    :param outputs: the text in its outputs.
    """

    index: int
    id: str
    kind: str
    source: str
    word: str | None
    body: str
    grade_id: str
    answer: bool
    given: bool
    outputs: str


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


@dataclass(frozen=True)
class NotebookFiles:
    """What was read of a submission's notebooks.

    :param written: the files that cells write, by path.
    :param rest: for each notebook a file with its other cells and text outputs, for the leak scan.
    :param cells: of each notebook that could be read, by its path.
    :param unreadable: why a notebook could not be read, by its path.
    """

    written: tuple[SourceFile, ...] = ()
    rest: tuple[SourceFile, ...] = ()
    cells: Mapping[str, tuple[Cell, ...]] = field(default_factory=dict)
    unreadable: Mapping[str, SubmissionError] = field(default_factory=dict)


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

    def data(self) -> bytes:
        # A lone surrogate is legal in a notebook's JSON and in no file: it becomes a question mark.
        return "".join(f"{line}\n" for line in self.lines).encode("utf-8", "replace")

    def file(self, path: str) -> SourceFile:
        data = self.data()
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
    return tuple(
        HclCell(cell.index, cell.id, path_of(cell, name), tuple(body_lines(cell.body)))
        for cell in read_cells(name, data)
        if cell.word is not None
    )


def path_of(cell: Cell, notebook: str) -> str:
    """The path that a cell writes.

    :raises SubmissionError: it does not stay inside, or there is none.
    """
    return written_path(cell.word or "", where=f"cell {cell.index + 1} of {notebook}")


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


def read_notebooks(notebooks: Mapping[str, bytes]) -> NotebookFiles:
    """Split notebooks into the files their cells write and the rest of their text.

    One that cannot be read stops no other: it is as if it had not been handed in, and it is said why.

    :param notebooks: path and bytes of each ``.ipynb`` file.
    :raises SubmissionError: a path that two notebooks write, that does not stay inside, or too much text for a file.
    """
    written: dict[str, _Part] = {}
    rest: list[SourceFile] = []
    cells: dict[str, tuple[Cell, ...]] = {}
    unreadable: dict[str, SubmissionError] = {}
    for name in sorted(notebooks):
        try:
            cells[name] = read_cells(name, notebooks[name])
        except SubmissionError as error:
            unreadable[name] = error
            continue
        other = _Part(name)
        for cell in cells[name]:
            if cell.word is None:
                # The lesson's own text may show what a leak looks like; it is nobody's.
                other.add(cell.index, [] if cell.given else cell.source.splitlines())
            else:
                path = path_of(cell, name)
                part = written.setdefault(path, _Part(name))
                if part.notebook != name:
                    raise SubmissionError(
                        f"{path} is written by two notebooks, {part.notebook} and {name}.",
                        next_step="Keep each path in one notebook.",
                        path=name,
                    )
                part.add(cell.index, body_lines(cell.body))
            other.add(cell.index, cell.outputs.splitlines())
        rest.append(other.beginning(name))
    files = tuple(part.file(path) for path, part in sorted(written.items()))
    return NotebookFiles(files, tuple(rest), cells, unreadable)


def read_cells(name: str, data: bytes) -> tuple[Cell, ...]:
    """All cells of a notebook.

    :param name: the notebook's, for errors.
    :raises SubmissionError: it is no notebook.
    """
    from nbformat import convert, reader

    try:
        with warnings.catch_warnings():
            # nbformat's remarks on a notebook's ids and fields are no matter: what is read of it is checked here.
            warnings.simplefilter("ignore")
            notebook = convert(reader.reads(data.decode("utf-8-sig")), 4)
        found = [cell for cell in notebook.cells if isinstance(cell, Mapping)]
    except Exception as error:  # nbformat raises whatever the damaged JSON makes it raise
        reason = (str(error).splitlines() or [""])[0][:120] if data.strip() else "it is empty"
        raise SubmissionError(
            f"{name} is not a readable notebook ({type(error).__name__}: {reason}).",
            next_step="Open it in JupyterLab, save it and hand it in again.",
            path=name,
        ) from None
    return tuple(_cell(index, cell) for index, cell in enumerate(found))


def _cell(index: int, cell: Mapping[str, Any]) -> Cell:
    source = _joined(cell.get("source"))
    kind = cell.get("cell_type")
    kind = kind if isinstance(kind, str) else ""
    metadata = cell.get("metadata")
    ours = metadata.get("nbgrader") if isinstance(metadata, Mapping) else None
    ours = ours if isinstance(ours, Mapping) else {}
    grade_id = ours.get("grade_id")
    grade_id = grade_id if isinstance(grade_id, str) else ""
    word, body = written_by(source) if kind == "code" else (None, "")
    return Cell(
        index=index,
        id=str(cell.get("id") or ""),
        kind=kind,
        source=source,
        word=word,
        body=body,
        grade_id=grade_id,
        answer=ours.get("solution") is True,
        given=_is_given(kind, source, grade_id, ours),
        outputs=_output_text(cell),
    )


def written_by(source: str) -> tuple[str | None, str]:
    """The path that a code cell's first line names and what follows it; no path when it begins otherwise.

    Before a cell is run, IPython takes empty lines off its beginning, and the first line's indentation off every line that has it.
    """
    at = 0
    while (end := source.find("\n", at)) >= 0 and source[at:end].strip() == "":
        at = end + 1
    rest = source[at:]
    indented = _INDENTED.match(rest)
    if indented is not None:
        blanks = indented[0]
        rest = "\n".join(line.removeprefix(blanks) for line in rest.split("\n"))
    first, _, body = rest.partition("\n")
    return _written_path(first.rstrip("\r")), body


def _written_path(line: str) -> str | None:
    word = line.removeprefix(_MAGIC)
    if word == line or word[:1] not in tuple(_BLANKS):
        return None
    path = word.strip(_BLANKS)
    return None if path[:1].isspace() else path or None


def _is_given(kind: str, source: str, grade_id: str, ours: Mapping[str, Any]) -> bool:
    """Whether a cell is the lesson's own, as nbgrader released it: by the sum that nbgrader wrote beside it.

    Whoever forges one hides a text of their own from the leak scan, which gains them nothing that leaving it out would not.
    """
    if ours.get("solution") is not False or ours.get("locked") is not True or ours.get("grade") is not False:
        return False
    words = (source, kind, "False", "False", "True", grade_id)
    total = hashlib.md5("".join(words).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
    return ours.get("checksum") == total


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
