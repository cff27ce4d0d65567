"""Offset -> line, for many offsets in one text: counting from the beginning for each would take the square of its length."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cached_property

_LINE_FEED = re.compile(r"\n")


class LineNumbers:
    """The lines of one text, looked up when the first one is asked for.

    :param first: the number of its first line.
    """

    def __init__(self, text: str, *, first: int = 1) -> None:
        self._text = text
        self._first = first

    def of(self, offset: int) -> int:
        """The line in which the character at an offset stands; the same as counting the line feeds before it."""
        return self._first + bisect_left(self._ends, offset)

    @cached_property
    def _ends(self) -> list[int]:
        return [match.start() for match in _LINE_FEED.finditer(self._text)]
