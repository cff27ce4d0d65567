"""A card: the view that most magics show.

A magic computes values, makes a card of them and shows it; escaping, colours and the text form are decided here alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from lab.output.view import View
from lab_env.text import columns, one_line, wrapped

Kind = Literal["pass", "fail", "blocked", "not_run"]
_WIDTH = 120


@dataclass(frozen=True)
class Mark:
    """A sign, the word beside it and its colour: never the colour alone."""

    symbol: str
    word: str
    kind: Kind


YES = Mark("✓", "yes", "pass")
NO = Mark("✗", "no", "fail")
ALLOWED = Mark("✓", "allowed", "pass")
DENIED = Mark("✗", "denied", "fail")
UNKNOWN = Mark("?", "undetermined", "blocked")


@dataclass(frozen=True)
class Cell:
    """One cell of a table: a mark, a text, or both. ``code``: it is written as programs have it."""

    text: str = ""
    mark: Mark | None = None
    code: bool = False

    @property
    def pieces(self) -> tuple[str, ...]:
        """The text in the pieces that a narrow table may break it into: after a colon or a slash."""
        return tuple(re.split(r"(?<=[:/])(?=.)", self.text))

    @property
    def plain(self) -> str:
        """Sign, word and text on one line."""
        marked = f"{self.mark.symbol} {self.mark.word}" if self.mark else ""
        return one_line(f"{marked}{', ' if marked and self.text else ''}{self.text}")


@dataclass(frozen=True)
class Table:
    """Rows under headers; the first cell of a row names it."""

    form: ClassVar = "table"
    caption: str
    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Lines:
    """Sentences, one below the other."""

    form: ClassVar = "lines"
    items: tuple[str, ...]


@dataclass(frozen=True)
class Fold:
    """A text that is shown when it is asked for; ``spoiler``: never in the text form, which cannot fold."""

    form: ClassVar = "fold"
    summary: str
    text: str
    spoiler: bool = False


@dataclass(frozen=True)
class Drawing:
    """A picture of ours.

    :param svg: markup; whatever came from outside is escaped in it already.
    :param plain: the same, said in lines.
    """

    form: ClassVar = "drawing"
    svg: str
    plain: tuple[str, ...]


Block = Table | Lines | Fold | Drawing


@dataclass(frozen=True)
class Card(View):
    """What a magic shows.

    :param title: what this is about, as a heading.
    :param lead: the answer in one sentence or two.
    :param mark: how it went, where it went one way or the other.
    :param next_step: what to do now; empty when there is nothing to do.
    """

    template: ClassVar = "card.html.j2"
    styles: ClassVar = ("card.css",)
    title: str
    lead: str = ""
    mark: Mark | None = None
    blocks: tuple[Block, ...] = ()
    next_step: str = ""

    def lines(self) -> Iterator[str]:
        """Give the text form, line by line."""
        return (line for line, _ in self._lines(_WIDTH, str, dense=False))

    def lines_in(self, width: int, say: Callable[[str], str] = str) -> Iterator[str]:
        """Give the text form for a terminal."""
        for line, hanging in self._lines(width, say, dense=True):
            text = line.lstrip()
            yield from wrapped(text, width, indent=len(line) - len(text), hanging=hanging)

    def _lines(self, width: int, say: Callable[[str], str], *, dense: bool) -> Iterator[tuple[str, int]]:
        """Each line, and how many blanks stand before its rest where it has to be wrapped.

        :param dense: of a row that has lines of its own, put several cells on a line where they fit.
        """
        mark = f"{self.mark.symbol} {self.mark.word}: " if self.mark else ""
        yield one_line(say(f"{mark}{self.title}")), 0
        if self.lead:
            yield one_line(say(self.lead)), 0
        for block in self.blocks:
            if not (isinstance(block, Fold) and block.spoiler):
                yield "", 0
            match block:
                case Table():
                    yield from _table(block, width, say, dense=dense)
                case Lines():
                    yield from ((f"- {one_line(say(item))}", 2) for item in block.items)
                case Fold() if not block.spoiler:
                    yield one_line(say(f"{block.summary}: {block.text}")), 0
                case Drawing():
                    yield from ((one_line(say(line)), 2) for line in block.plain)
        if self.next_step:
            yield "", 0
            yield one_line(say(f"Next: {self.next_step}")), 0


def _table(table: Table, width: int, say: Callable[[str], str], *, dense: bool) -> Iterator[tuple[str, int]]:
    """Set columns side by side where they fit; else each row as lines of its own."""
    rows = [[say(cell.plain) for cell in row] for row in table.rows]
    widths = [max(map(len, column)) for column in zip(table.headers, *rows, strict=True)]
    yield one_line(say(table.caption)), 0
    if sum(widths) + 2 * len(widths) <= width:
        for line in (table.headers, *rows):
            yield "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip(), 2
        return
    for row in rows:
        yield f"- {row[0]}", 2
        told = [f"{header}: {text}" for header, text in zip(table.headers[1:], row[1:], strict=True) if text]
        yield from ((f"    {line}", 6) for line in (_joined(told, width - 4) if dense else told))


def _joined(told: Sequence[str], width: int) -> Iterator[str]:
    """Put as many on a line as fit."""
    line = ""
    for one in told:
        if line and columns(f"{line} · {one}") > width:
            yield line
            line = ""
        line = f"{line} · {one}" if line else one
    if line:
        yield line
