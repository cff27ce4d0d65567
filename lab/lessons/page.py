"""A lesson as a page of the terminal: lines of at most a width, no word parted, with the styles that a terminal can show."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.text import Text

from lab.lessons.course import Ask, Check, Experiment, File, Lesson, Part, Prose, Run
from lab_env.lesson import STANDARD
from lab_env.lesson import Lesson as Values
from lab_env.text import columns, spans

if TYPE_CHECKING:
    from markdown_it.token import Token

WIDTH = 80
"""Nobody reads longer lines; a wider terminal gets these, too."""
_NOTEBOOKS_OWN = re.compile(r"\bShift\b.{0,5}\bEnter\b|^Run this (cell|command) first\b|^\W*How to use a notebook\b")
"""A paragraph about handling a notebook; a terminal has one of its own."""

_HOW = """**How to work in the terminal.** `lab reset` puts the starter's files into an empty directory; you write them in an editor
of yours. A line that begins with `$` is a command for you to type. `lab check` tells what it found, what it expected and what to
do next; run it as often as you like, or leave `lab check --watch` running beside your editor. `lab hint` helps in three steps.
Questions cost nothing and earn nothing. They are there because a guess makes you look twice."""


def rendered(lesson: Lesson, width: int = WIDTH, values: Values = STANDARD) -> Iterator[Text]:
    """Give a lesson line by line.

    :param values: what is asked of this learner.
    """
    page = _Page(width)
    first = True
    for part in lesson.parts:
        yield from page.part(part, values)
        if first and lesson.number == 0 and isinstance(part, Prose):
            yield from page.prose(_HOW)
        first = first and not isinstance(part, Prose)
    yield from page.sources()


def written(lesson: Lesson, width: int = WIDTH, values: Values = STANDARD) -> Iterator[str]:
    """Give the same without styles."""
    return (line.plain.rstrip() for line in rendered(lesson, width, values))


@dataclass
class _Page:
    width: int
    links: list[str] = field(default_factory=list)

    def part(self, part: Part, values: Values) -> Iterator[Text]:
        match part:
            case Prose():
                yield from self.prose(part.markdown)
            case File():
                yield from self._file(part)
            case Check():
                yield from self._command(f"lab check {' '.join(part.words)}")
            case Ask():
                yield from self._question(part.id, values)
            case Run():
                yield from self._command(part.command)
            case Experiment():
                yield from self._command(f"lab try {part.id}")

    def prose(self, markdown: str) -> Iterator[Text]:
        from markdown_it import MarkdownIt

        tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
        yield from self._blocks(tokens, 0)

    def sources(self) -> Iterator[Text]:
        """What the page's numbers in brackets stand for."""
        if not self.links:
            return
        yield Text("Sources", style="bold")
        for number, link in enumerate(self.links, start=1):
            yield from self._wrapped(Text(f"[{number}] {link}", style=f"link {link}"), 0, 4)
        yield Text()

    # -- blocks -------------------------------------------------------------------------------------------------------

    def _blocks(self, tokens: Sequence[Token], indent: int) -> Iterator[Text]:
        place = 0
        while place < len(tokens):
            token = tokens[place]
            end = _end(tokens, place)
            inner = tokens[place + 1 : end]
            if token.type == "heading_open":
                yield from self._heading(token, inner[0], indent)
            elif token.type == "paragraph_open":
                text = self._inline(inner[0])
                if not _NOTEBOOKS_OWN.search(text.plain):
                    yield from self._wrapped(text, indent, indent)
                    yield Text()
            elif token.type in ("bullet_list_open", "ordered_list_open"):
                yield from self._list(token, inner, indent)
            elif token.type in ("fence", "code_block"):
                yield from self._code(token.content.rstrip("\n").split("\n"), indent)
                yield Text()
            elif token.type == "table_open":
                yield from self._table(inner, indent)
                yield Text()
            elif token.type == "blockquote_open":
                yield from self._blocks(inner, indent + 2)
            place = end + 1

    def _heading(self, token: Token, inline: Token, indent: int) -> Iterator[Text]:
        text = self._inline(inline)
        text.stylize("bold")
        yield from self._wrapped(text, indent, indent)
        if token.tag in ("h1", "h2"):
            line = "=" if token.tag == "h1" else "-"
            yield Text(" " * indent + line * min(columns(text.plain), self.width - indent), style="bold")
        yield Text()

    def _list(self, token: Token, inner: Sequence[Token], indent: int) -> Iterator[Text]:
        number = int(token.attrs.get("start", 1) or 1) if token.type == "ordered_list_open" else None
        place = 0
        while place < len(inner):
            end = _end(inner, place)
            sign = "- " if number is None else f"{number}. "
            lines = list(self._blocks(inner[place + 1 : end], indent + len(sign)))
            if lines:
                lines[0] = Text(" " * indent + sign) + lines[0][indent + len(sign) :]
            while len(lines) > 1 and not lines[-1].plain:
                lines.pop()
            yield from lines
            number = number + 1 if number is not None else None
            place = end + 1
        yield Text()

    def _code(self, lines: Sequence[str], indent: int) -> Iterator[Text]:
        for line in lines:
            text = Text(line.replace("\t", "  "), style="cyan")
            before = len(line) - len(line.lstrip())
            yield from self._wrapped(text[before:], indent + 4 + before, indent + 8 + before)

    def _table(self, tokens: Sequence[Token], indent: int) -> Iterator[Text]:
        rows: list[list[Text]] = []
        for token in tokens:
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(self._inline(token))
        widths = _fitted([[cell.plain for cell in row] for row in rows], self.width - indent - 2)
        for number, row in enumerate(rows):
            cells = [_pieces(cell, width) for cell, width in zip(row, widths, strict=True)]
            for line in range(max(map(len, cells))):
                made = Text(" " * indent)
                for cell, width in zip(cells, widths, strict=True):
                    piece = cell[line] if line < len(cell) else Text()
                    made += piece + Text(" " * (width - columns(piece.plain) + 2))
                if number == 0:
                    made.stylize("bold")
                made.rstrip()
                yield made
            if number == 0:
                yield Text(" " * indent + "  ".join("-" * width for width in widths))

    # -- the other parts ------------------------------------------------------------------------------------------------

    def _file(self, part: File) -> Iterator[Text]:
        said = f"{part.path} is given (lab reset module writes it):" if part.given else f"Write {part.path}."
        yield from self._wrapped(Text(said, style="bold"), 0, 2)
        yield from self._code(part.lines, 0)
        yield Text()

    def _command(self, command: str) -> Iterator[Text]:
        yield from self._wrapped(Text(f"$ {command}", style="bold green"), 4, 8)
        yield Text()

    def _question(self, id_: str, values: Values) -> Iterator[Text]:
        from lab.drills.questions import question
        from lab.words import in_terminal

        asked = question(id_, values)
        yield from self._wrapped(Text(f"Question: {in_terminal(asked.prompt)}", style="bold"), 2, 4)
        for option in asked.options:
            yield from self._wrapped(Text(f"{option.letter}) {in_terminal(option.text)}"), 4, 7)
        letters = "|".join(option.letter for option in asked.options)
        yield from self._wrapped(Text(f"$ lab predict {asked.id} {letters}", style="bold green"), 4, 8)
        yield Text()

    # -- text -----------------------------------------------------------------------------------------------------------

    def _inline(self, token: Token) -> Text:
        """Put together what a line of Markdown holds, with numbers for its links."""
        text, styles, link = Text(), [""], ""
        for child in token.children or ():
            if child.type in ("softbreak", "hardbreak"):
                text.append(" ")
            elif child.type in ("strong_open", "em_open"):
                styles.append("bold" if child.type == "strong_open" else "italic")
            elif child.type in ("strong_close", "em_close"):
                styles.pop()
            elif child.type == "link_open":
                link = str(child.attrs.get("href", ""))
            elif child.type == "link_close":
                if link not in self.links:
                    self.links.append(link)
                text.append(f" [{self.links.index(link) + 1}]", style="dim")
            elif child.type == "code_inline":
                text.append(f"`{child.content}`", style="cyan")
            elif child.type in ("text", "text_special"):
                text.append(child.content, style=styles[-1])
        return text

    def _wrapped(self, text: Text, indent: int, hanging: int) -> Iterator[Text]:
        for number, piece in enumerate(_pieces(text, self.width, indent=indent, hanging=hanging)):
            yield Text(" " * (hanging if number else indent)) + piece


def _pieces(text: Text, width: int, *, indent: int = 0, hanging: int = 0) -> list[Text]:
    return [text[start:end] for start, end in spans(text.plain, width, indent=indent, hanging=hanging)]


def _end(tokens: Sequence[Token], place: int) -> int:
    """Find the token that closes the one at a place; the place itself when nothing does."""
    depth = 0
    for number in range(place, len(tokens)):
        depth += tokens[number].nesting
        if depth == 0:
            return number
    return len(tokens) - 1


def _fitted(rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """Choose the columns' widths: as wide as their content; where that is too much, the widest narrower, but no word parted."""
    across = list(zip(*rows, strict=True))
    widths = [max(columns(cell) for cell in column) for column in across]
    least = [max((columns(word) for cell in column for word in cell.split()), default=1) for column in across]
    while sum(widths) + 2 * len(widths) > room:
        wide = [number for number in range(len(widths)) if widths[number] > least[number]]
        if not wide:
            break
        widths[max(wide, key=lambda number: widths[number])] -= 1
    return widths
