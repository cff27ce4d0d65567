"""The plain tokenizer, for text that is no HCL and for HCL beyond the parser's bounds. Linear in the text's length."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graders.similarity.model import Token

_WORD = re.compile(
    r"""
    (?P<comment>\#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z))
  | (?P<text>"(?:[^"\\\n]+|\\.)*"?)
  | (?P<number>\d+(?:\.\d+)?)
  | (?P<name>[^\W\d][\w-]*)
  | (?P<mark>[=!<>]=|&&|\|\||=>|[^\s\w,])
    """,
    re.VERBOSE | re.DOTALL,
)
TEXT = '"'


def plain_words(text: str, *, first_line: int = 1) -> Iterator[tuple[str, str, int]]:
    """Kind (``comment``, ``text``, ``key``, ``number``, ``name``, ``mark``), word and its line.

    A quoted text before a colon or an equals sign is a ``key``.
    """
    line, at = first_line, 0
    for match in _WORD.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        kind = match.lastgroup or "mark"
        if kind == "text" and text[match.end() : match.end() + 3].lstrip(" \t").startswith((":", "=")):
            kind = "key"
        yield kind, match[0], line


def plain_tokens(text: str, *, first_line: int = 1, last_line: int | None = None) -> Iterator[Token]:
    """The words as tokens of a structure: no comments, a quoted text is a placeholder.

    :param first_line: the line in the file where ``text`` begins; no token is laid behind ``last_line``.
    """
    for kind, word, line in plain_words(text, first_line=first_line):
        where = line if last_line is None else min(line, last_line)
        if kind == "text":
            yield Token(TEXT, where, where)
        elif kind == "key":
            yield Token(f"{word.strip(TEXT)}=", where, where)
        elif kind != "comment" and word not in (":", "="):
            yield Token(word, where, where)
