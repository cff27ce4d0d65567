"""Between lark's lexer and its parser: comments and line ends are taken out where they mean nothing.

HCL's specification: a comment between ``/*`` and ``*/`` may stand wherever a blank may, and line ends mean nothing in parentheses,
in brackets and in a template's sequence. python-hcl2's grammar knows only some of these places.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

from hcl2.postlexer import PostLexer
from lark import Token

_OPENING = frozenset({"LPAR", "LSQB", "LBRACE", "INTERP_START", "DIRECTIVE_START"})
_CLOSING = frozenset({"RPAR", "RSQB", "RBRACE"})
_PASSED: ContextVar[list[Token] | None] = ContextVar("_PASSED", default=None)


@contextlib.contextmanager
def passed_over() -> Iterator[list[Token]]:
    """The comments that are taken out inside this block, in a list that is filled meanwhile."""
    found: list[Token] = []
    before = _PASSED.set(found)
    try:
        yield found
    finally:
        _PASSED.reset(before)


class Tokens(PostLexer):
    """The stream of tokens that the grammar is asked about."""

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """The tokens without what means nothing, and with line ends merged into the operators behind them."""
        return super().process(self._without_blanks(stream))

    @property
    def always_accept(self) -> tuple[str, ...]:  # type: ignore[override]
        """Comments and line ends are looked for everywhere; in a string its characters come first."""
        return ("NL_OR_COMMENT",)

    def _without_blanks(self, stream: Iterator[Token]) -> Iterator[Token]:
        open_: list[str] = []
        passed = _PASSED.get()
        for token in stream:
            if token.type in _OPENING:
                open_.append(token.type)
            elif token.type in _CLOSING and open_:
                open_.pop()
            elif token.type == "NL_OR_COMMENT" and (token.startswith("/*") or (open_ and open_[-1] != "LBRACE")):
                if passed is not None and token.startswith(("/*", "//", "#")):
                    passed.append(token)
                continue
            yield token
