"""A CSV file cell by cell, with the quotes, separators and line ends that it was written with (RFC 4180).

Python's ``csv`` gives the cells' values and forgets how they were written. A platform's file that goes back to the platform shall
differ in nothing but the cells that were filled, so here a cell is what stands in the file; :func:`value` is what it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_END = r"\r\n|\r|\n|\Z"
_LINE_END = re.compile(r"\r\n|\r|\n")
_QUOTED = r'"[^"]*+(?:""[^"]*+)*+"'


class CsvTextError(ValueError):
    """The text is no CSV. :ivar line: 1-based, where it stops being one."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line


@dataclass(frozen=True)
class Row:
    """One row as it stands in the file.

    :param cells: with their quotes; one empty cell in an empty line.
    :param end: the line end after it; empty at the end of a file without one.
    :param line: the 1-based line on which it ends.
    """

    cells: tuple[str, ...]
    end: str
    line: int

    @property
    def is_empty(self) -> bool:
        """Whether it is an empty line."""
        return self.cells == ("",)


def rows(text: str, delimiter: str) -> Iterator[Row]:
    """Every row, empty lines too.

    :raises CsvTextError: a quote that is never closed, or text behind a closing quote.
    """
    sign = re.escape(delimiter)
    cell = re.compile(rf"({_QUOTED}|(?!\")[^{sign}\r\n]*)({sign}|{_END})")
    place, line = 0, 1
    cells: list[str] = []
    while place < len(text) or cells:
        found = cell.match(text, place)
        if found is None:
            closed = re.compile(_QUOTED).match(text, place)
            raise CsvTextError(line, "text behind a closing quote" if closed else "a quote that is never closed")
        raw, end = found.groups()
        cells.append(raw)
        line += len(_LINE_END.findall(raw))
        place = found.end()
        if end != delimiter:
            yield Row(tuple(cells), end, line)
            cells = []
            line += 1


def value(cell: str) -> str:
    """What a cell says."""
    return cell[1:-1].replace('""', '"') if cell.startswith('"') else cell


def written(text: str, delimiter: str, *, quoted: bool = False) -> str:
    """A cell that says this.

    :param quoted: in quotes, whether or not they are needed.
    """
    needed = quoted or any(sign in text for sign in (delimiter, '"', "\r", "\n"))
    return '"' + text.replace('"', '""') + '"' if needed else text


def all_quoted(cells: Sequence[str]) -> bool:
    """Whether whoever wrote these cells puts every one in quotes."""
    return all(cell.startswith('"') for cell in cells)
