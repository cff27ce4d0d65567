"""One text -> the lines of it that a report quotes. Pure: a text and line numbers in, plain values out.

The text is a learner's. It is cleaned, cut into lines and coloured once, whatever quotes it, and coloured only where that is
sure to be quick: Pygments' lexer reads the rest of a word again from each of its letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lab_env.text import visible

Range = tuple[int, int]
"""First and last line, 1-based."""

_CONTEXT = 2  # lines before and after
_LONGEST = 14  # lines of one excerpt
_WIDEST = 300  # characters of one line
_COLOURED = 100_000  # characters of a file; a longer one is shown in one colour
_STEPS = 10_000_000  # of the lexer for one text; an ordinary one of 100,000 characters has eight
_STEPS_TOGETHER = 2 * _STEPS
_RUN = re.compile(r"(?P<word>[\w\[\].-]++)|\s++")


@dataclass(frozen=True)
class Piece:
    """A run of characters of one kind: ``""`` or a class name such as ``comment``."""

    kind: str
    text: str


@dataclass(frozen=True)
class ExcerptLine:
    number: int
    pieces: tuple[Piece, ...]
    hit: bool


@dataclass(frozen=True)
class Excerpt:
    """``hidden``: how many of the cited lines are left out because there are too many."""

    lines: tuple[ExcerptLine, ...]
    hidden: int


@dataclass(frozen=True)
class Quote:
    """What a report shows of some lines.

    :param plain: the first of them, comparable between learners: one space for each run of white space, and no comment unless
        it is all there is: a credential may stand in it.
    """

    excerpt: Excerpt
    plain: str


class Colours:
    """How much may still be coloured: all texts of one submission share it, so that many cost no more than a few.

    :ivar left: steps of the lexer, of which it takes ten to thirty million a second.
    """

    def __init__(self) -> None:
        self.left = _STEPS_TOGETHER

    def afford(self, text: str) -> bool:
        """Whether there is enough left for a text, which is then used up."""
        cost = _cost(text)
        if cost > min(_STEPS, self.left):
            return False
        self.left -= cost
        return True


def quote(text: str, ranges: Sequence[Range], colours: Colours | None = None) -> tuple[Quote | None, ...]:
    """The cited lines with two lines around them, for each range; None where the text has no such line.

    :param colours: what may still be coloured; enough for one ordinary file when left out.
    """
    lines = _lines(text, colours or Colours())
    return tuple(_quote(lines, first, max(first, last)) for first, last in ranges)


def coloured_lines(text: str, colours: Colours) -> tuple[tuple[Piece, ...], ...]:
    """All lines of a text, whole and visible; in one colour where colouring it is not sure to be quick."""
    clean = visible(text)
    found = _coloured(clean, None) if len(clean) <= _COLOURED and colours.afford(clean) else None
    if found is not None:
        return found
    return tuple((Piece("", line),) if line else () for line in clean.removesuffix("\n").split("\n"))


def _quote(lines: _Lines, first: int, last: int) -> Quote | None:
    count = len(lines)
    if not 1 <= first <= count:
        return None
    last = min(last, count)
    shown_last = min(last, first + _LONGEST - 1)
    start, end = max(1, first - _CONTEXT), min(count, shown_last + (_CONTEXT if shown_last == last else 0))
    shown = {number: lines.pieces(number) for number in range(start, end + 1)}
    excerpt = Excerpt(
        lines=tuple(ExcerptLine(number, pieces, first <= number <= last) for number, pieces in shown.items()),
        hidden=last - shown_last,
    )
    code = "".join(piece.text for piece in shown[first] if piece.kind != "comment")
    return Quote(excerpt, " ".join((code if code.strip() else "".join(p.text for p in shown[first])).split()))


class _Lines:
    """The lines of a text; of one that is not coloured only those that are asked for are cleaned."""

    def __init__(self, raw: Sequence[str], coloured: Sequence[tuple[Piece, ...]] | None) -> None:
        self._raw = raw
        self._coloured = coloured

    def __len__(self) -> int:
        return len(self._raw if self._coloured is None else self._coloured)

    def pieces(self, number: int) -> tuple[Piece, ...]:
        """A line, at most ``_WIDEST`` characters of it."""
        if self._coloured is not None:
            return self._coloured[number - 1]
        # Every character of a line gives at least one, so no more of it can be shown.
        return _cut([Piece("", visible(self._raw[number - 1][: _WIDEST + 1]))])


def _lines(text: str, colours: Colours) -> _Lines:
    if len(text) <= 2 * _COLOURED:  # cleaning drops at most every second character
        clean = visible(text)
        if len(clean) <= _COLOURED and colours.afford(clean):
            coloured = _coloured(clean)
            if coloured is not None:
                return _Lines((), coloured)
    raw = text.split("\n")
    # What ends a Windows line is no part of it, but a carriage return at the end of the text is.
    raw[:-1] = [line.removesuffix("\r") for line in raw[:-1]]
    if not raw[-1] and len(raw) > 1:
        raw.pop()
    return _Lines(raw, None)


def _coloured(text: str, widest: int | None = _WIDEST) -> tuple[tuple[Piece, ...], ...] | None:
    """``text`` as lines of pieces; None when the lexer loses its way (it gives a heredoc without an end twice).

    :param widest: characters of a line that are kept; None: all.
    """
    # The lexer knows a comment only by the line feed after it.
    whole = text if text.endswith("\n") else f"{text}\n"
    tokens = list(_tokens(whole))
    if "".join(part for _, part in tokens) != whole:
        return None
    lines: list[tuple[Piece, ...]] = []
    current: list[Piece] = []
    for kind, part in tokens:
        first, *others = part.split("\n")
        current.append(Piece(kind, first))
        for other in others:
            lines.append(_cut(current, widest))
            current = [Piece(kind, other)]
    return tuple(lines)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    from pygments.lexers.configs import TerraformLexer
    from pygments.token import Comment, Keyword, Literal, Name, Number, String, Token

    kinds: dict[object, str] = {Comment: "comment", String: "string", Number: "literal", Keyword: "keyword"}
    kinds |= {Name.Builtin: "keyword", Name.Function: "keyword", Name.Attribute: "name", Literal: "string", Token: ""}
    for token, part in TerraformLexer(stripnl=False, ensurenl=False).get_tokens(text):
        kind = token
        while kind not in kinds and kind.parent is not None:
            kind = kind.parent
        yield kinds.get(kind, ""), part


def _cost(text: str) -> int:
    """A bound on the lexer's steps: a word that is no token is read again from each letter, each time with the blanks behind it in
    every way they can be shared out; and a heredoc is looked through to its end from each beginning of one.
    """
    cost = 50 * len(text) + text.count("<<") * (len(text) + 10 * text.count("\n"))
    word = end = 0
    for match in _RUN.finditer(text):
        length = match.end() - match.start()
        if match["word"]:
            word = length
            cost += length * length
        else:
            cost += (1 + (word if match.start() == end else 0)) * length * length
        end = match.end()
    return cost


def _cut(pieces: Iterable[Piece], widest: int | None = _WIDEST) -> tuple[Piece, ...]:
    if widest is None:
        return tuple(piece for piece in pieces if piece.text)
    kept: list[Piece] = []
    room = widest
    for piece in pieces:
        if not piece.text:
            continue
        if len(piece.text) > room:
            kept.append(Piece(piece.kind, piece.text[:room] + "…"))
            break
        kept.append(piece)
        room -= len(piece.text)
    return tuple(kept)
