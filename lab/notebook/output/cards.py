"""A card: the view that most magics show.

A magic computes values, makes a card of them and shows it; escaping, colours and the text form are decided here alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from lab.notebook.output.view import View
from lab_env.text import one_line

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
        mark = f"{self.mark.symbol} {self.mark.word}: " if self.mark else ""
        yield one_line(f"{mark}{self.title}")
        if self.lead:
            yield one_line(self.lead)
        for block in self.blocks:
            if not (isinstance(block, Fold) and block.spoiler):
                yield ""
            match block:
                case Table():
                    yield from _table(block)
                case Lines():
                    yield from (f"- {one_line(item)}" for item in block.items)
                case Fold() if not block.spoiler:
                    yield one_line(f"{block.summary}: {block.text}")
                case Drawing():
                    yield from map(one_line, block.plain)
        if self.next_step:
            yield ""
            yield one_line(f"Next: {self.next_step}")


def _table(table: Table) -> Iterator[str]:
    """Set columns side by side where they fit; else each row as lines of its own."""
    rows = [[cell.plain for cell in row] for row in table.rows]
    widths = [max(map(len, column)) for column in zip(table.headers, *rows, strict=True)]
    yield one_line(table.caption)
    if sum(widths) + 2 * len(widths) <= _WIDTH:
        for line in (table.headers, *rows):
            yield "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        return
    for row in rows:
        yield f"- {row[0]}"
        for header, text in zip(table.headers[1:], row[1:], strict=True):
            if text:
                yield f"    {header}: {text}"
