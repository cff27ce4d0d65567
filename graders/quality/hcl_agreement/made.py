"""Texts that are made of parts, so that what differs can be made smaller."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Made:
    """A text of an expression: pieces of text, and other expressions."""

    parts: tuple[str | Made, ...]

    @property
    def text(self) -> str:
        """As it is written."""
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

    @property
    def size(self) -> int:
        """How many expressions it is made of."""
        return 1 + sum(part.size for part in self.parts if isinstance(part, Made))

    def smaller(self) -> Iterator[Made]:
        """Expressions that have less in them: one of the inner ones alone, or this with a smaller one in it."""
        yield from (part for part in self.parts if isinstance(part, Made))
        for at, part in enumerate(self.parts):
            if isinstance(part, Made):
                for less in (Made(("1",)), Made(('"a"',)), *part.smaller()):
                    if less.size < part.size:
                        yield Made((*self.parts[:at], less, *self.parts[at + 1 :]))


def made(*parts: str | Made) -> Made:
    """An expression of these parts."""
    return Made(parts)
