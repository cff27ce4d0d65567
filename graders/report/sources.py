"""The learner's own lines for the report: which files to read, and the excerpt around an evidence's lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from graders.model import Evidence, RequirementResult
from graders.report.text import visible

Sources = Mapping[str, Mapping[str, str]]
"""By submission id, then by path: the file's text."""

_CONTEXT = 2  # lines before and after
_LONGEST = 14  # lines of one excerpt
_WIDEST = 300  # characters of one line
_COLOURED = 100_000  # characters of a file; a longer one is shown in one colour


@dataclass(frozen=True)
class Piece:
    """A run of characters of one kind: ``""`` or a class name such as ``comment``."""

    kind: str
    text: str


@dataclass(frozen=True)
class Line:
    number: int
    pieces: tuple[Piece, ...]
    hit: bool


@dataclass(frozen=True)
class Excerpt:
    """``hidden``: how many of the cited lines are left out because there are too many."""

    lines: tuple[Line, ...]
    hidden: int


def excerpt(evidence: Evidence, files: Mapping[str, str]) -> Excerpt | None:
    """The cited lines with two lines around them, or None when there is no such file or line."""
    if evidence.path is None or evidence.line is None or (text := files.get(evidence.path)) is None:
        return None
    lines = _lines(visible(text))
    first, last = evidence.line, max(evidence.line, evidence.end_line or evidence.line)
    if not 1 <= first <= len(lines):
        return None
    last = min(last, len(lines))
    shown_last = min(last, first + _LONGEST - 1)
    start, end = max(1, first - _CONTEXT), min(len(lines), shown_last + (_CONTEXT if shown_last == last else 0))
    return Excerpt(
        lines=tuple(Line(number, lines[number - 1], first <= number <= last) for number in range(start, end + 1)),
        hidden=last - shown_last,
    )


def plain_line(evidence: Evidence, files: Mapping[str, str]) -> str | None:
    """The first cited line, comparable between learners: one space for each run of white space, no comment.

    A line that is nothing but a comment stays: a credential may stand in it. None when there is no such line.
    """
    if evidence.path is None or evidence.line is None or (text := files.get(evidence.path)) is None:
        return None
    lines = _lines(visible(text))
    if not 1 <= evidence.line <= len(lines):
        return None
    pieces = lines[evidence.line - 1]
    code = "".join(piece.text for piece in pieces if piece.kind != "comment")
    return " ".join((code if code.strip() else "".join(piece.text for piece in pieces)).split())


def cited(rows: Iterable[RequirementResult]) -> frozenset[str]:
    """The paths that the rows' evidence names."""
    return frozenset(seen.path for row in rows for seen in row.evidence if seen.path is not None)


@lru_cache(maxsize=64)
def _lines(text: str) -> tuple[tuple[Piece, ...], ...]:
    """``text`` as lines of pieces; each line at most ``_WIDEST`` characters."""
    lines: list[tuple[Piece, ...]] = []
    current: list[Piece] = []
    for kind, part in _tokens(text):
        first, *others = part.split("\n")
        current.append(Piece(kind, first))
        for other in others:
            lines.append(_cut(current))
            current = [Piece(kind, other)]
    if any(piece.text for piece in current):
        lines.append(_cut(current))
    return tuple(lines)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    if len(text) > _COLOURED:
        yield "", text
        return
    from pygments.lexers.configs import TerraformLexer
    from pygments.token import Comment, Keyword, Literal, Name, Number, String, Token

    kinds: dict[object, str] = {Comment: "comment", String: "string", Number: "literal", Keyword: "keyword"}
    kinds |= {Name.Builtin: "keyword", Name.Function: "keyword", Name.Attribute: "name", Literal: "string", Token: ""}
    # The lexer knows a comment only by the line feed after it.
    whole = text if text.endswith("\n") else f"{text}\n"
    for token, part in TerraformLexer(stripnl=False, ensurenl=False).get_tokens(whole):
        kind = token
        while kind not in kinds and kind.parent is not None:
            kind = kind.parent
        yield kinds.get(kind, ""), part


def _cut(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    kept: list[Piece] = []
    room = _WIDEST
    for piece in pieces:
        if not piece.text:
            continue
        if len(piece.text) > room:
            kept.append(Piece(piece.kind, piece.text[:room] + "…"))
            break
        kept.append(piece)
        room -= len(piece.text)
    return tuple(kept)
