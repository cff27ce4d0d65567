"""Rewrite operators so that Terraform's parser can dump its answer, without being able to hide anything from it.

``a == b`` becomes ``a ?  b:0`` and ``!a`` becomes ``0?a:0``: the operator is replaced, ``:0`` is added behind its last
operand, and every other byte stays. A conditional binds weaker than any operator, so any mix of them still parses.

Why that is a sound second opinion. Both texts are the same up to the first edit, so Terraform's scanner is in the same
state there. The constant that an edit adds is looked for in the answer, at its exact byte, as a branch of a
conditional. If it is there, the scanner was in an expression at that place, not in a string, comment or heredoc; in
that state the operator's characters are that operator's token (the few that could join their neighbour to another token
are refused), so the scanner leaves both texts' edits in the same state too. So Terraform sees the same blocks in both;
and that the original has no syntax error is asked separately.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from lab_env.errors import SubmissionError
from lab_env.hcl.model import Binary, Body, Span, Unary
from lab_env.hcl.walk import walk


@dataclass(frozen=True)
class Neutral:
    """A rewritten text.

    :param marks: byte offsets in it where the added constants stand.
    """

    text: str
    marks: frozenset[int]
    _starts: tuple[int, ...]
    _shifts: tuple[int, ...]

    def offset(self, byte: int) -> int:
        """The offset in the rewritten text of what starts at this byte of the original."""
        index = bisect_right(self._starts, byte) - 1
        return byte + (self._shifts[index] if index >= 0 else 0)


@dataclass(frozen=True)
class _Edit:
    start: int
    end: int
    text: str
    mark: int | None
    """Where in ``text`` the constant is."""


def neutralise(path: str, text: str, body: Body) -> Neutral:
    """Rewrite every operator of a parsed file.

    :param text: without a byte order mark; ``body`` is what it was parsed to.
    :raises SubmissionError: an operator is written so that it could be read as something else.
    """
    edits: list[_Edit] = []
    for expr in _operations(body):
        edits += _edits(path, text, expr)
    edits.sort(key=lambda e: (e.start, e.end))
    out: list[str] = []
    marks: set[int] = set()
    starts: list[int] = []
    shifts: list[int] = []
    position = original = rewritten = 0
    for edit in edits:
        kept = text[position : edit.start]
        out += (kept, edit.text)
        original += len(kept.encode()) + len(text[edit.start : edit.end].encode())
        rewritten += len(kept.encode())
        if edit.mark is not None:
            marks.add(rewritten + edit.mark)
        rewritten += len(edit.text)
        starts.append(original)
        shifts.append(rewritten - original)
        position = edit.end
    out.append(text[position:])
    return Neutral("".join(out), frozenset(marks), tuple(starts), tuple(shifts))


def _operations(body: Body) -> Iterator[Binary | Unary]:
    for root in body.expressions():
        for expr in walk(root):
            if isinstance(expr, Binary | Unary):
                yield expr


def _edits(path: str, text: str, expr: Binary | Unary) -> Iterator[_Edit]:
    at = expr.operator_span
    found, after = text[at.start : at.end], text[at.end : at.end + 1]
    joins = {"<": "<=", ">": "=", "!": "=", "/": "/*", "%": "{"}.get(found, "")
    if found != expr.operator or (after and after in joins):
        raise _unclear(path, at)
    end = expr.operand_end
    if text[end - 1 : end] == "\n":
        raise SubmissionError(
            f"{path} line {at.line}: a heredoc is an operand here, which the grader does not read.",
            next_step="Give the heredoc to a local value first.",
            path=path,
            line=at.line,
        )
    if isinstance(expr, Binary):
        yield _Edit(at.start, at.end, "?".ljust(len(found)), None)
    else:
        yield _Edit(at.start, at.end, "0?", 0)
    yield _Edit(end, end, ":0 ", 1)


def _unclear(path: str, at: Span) -> SubmissionError:
    return SubmissionError(
        f"{path} line {at.line}: an operator stands so close to its neighbour that it can be misread.",
        next_step="Write a space on both sides of it.",
        path=path,
        line=at.line,
    )
