"""Makes text safe to show: characters that steer a terminal or reorder a line become visible marks.

A learner's file may hold an ANSI escape that repaints the instructor's screen, or a bidirectional override that makes
``fail`` read as praise (Unicode Technical Report 36, "Trojan Source"). Nothing is dropped: what was there can be seen.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_KEPT = frozenset("\n\t")


def visible(text: str) -> str:
    """``text`` with every control, format, surrogate and line-separator character replaced by a visible mark.

    The escape character becomes ``⟨U+001B⟩`` (Unicode's control pictures would be shorter, but many fonts lack them).
    Line feeds and tabs stay; the carriage return of a Windows line end is dropped.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_mark(character) for character in text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """``visible(text)`` on one line: each run of white space is one space."""
    return " ".join(visible(text).split())


def counted(number: int, noun: str) -> str:
    """``1 submission``, ``2 submissions``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(names: Iterable[str]) -> str:
    """``a, b and c``."""
    items = list(names)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def _mark(character: str) -> str:
    if character in _KEPT or unicodedata.category(character) not in _HIDDEN:
        return character
    return f"⟨U+{ord(character):04X}⟩"
