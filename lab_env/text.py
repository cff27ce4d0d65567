"""Text that strangers wrote, made safe to show and to write down; and words for counts and lists.

A learner's file may hold an ANSI escape that repaints the instructor's screen, or a bidirectional override that makes
``fail`` read as praise (Unicode Technical Report 36, "Trojan Source"): :func:`visible`. Nothing is dropped: what was there can be
seen. Somebody's JSON may hold what no encoding of text has: :func:`well_formed`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator

_HALF = re.compile("[\ud800-\udfff]")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_KEPT = frozenset("\n\t")


def visible(text: str) -> str:
    """``text`` with every control, format, surrogate and line-separator character replaced by a visible mark.

    The escape character becomes ``⟨U+001B⟩`` (Unicode's control pictures would be shorter, but many fonts lack them).
    Line feeds and tabs stay; the carriage return of a Windows line end is dropped.
    """
    if text.isascii() and text.isprintable():
        return text
    return text.replace("\r\n", "\n").translate(_Marks())


def parsed_json(text: str) -> object | None:
    """The JSON object or list a text holds, or None; None also where it is nested deeper than Python reads."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        parsed: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed


def one_line(text: str) -> str:
    """``visible(text)`` on one line: each run of white space is one space."""
    return " ".join(visible(text).split())


def counted(number: float, noun: str) -> str:
    """``1 submission``, ``2 submissions``, ``0.5 points``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(names: Iterable[str]) -> str:
    """``a, b and c``."""
    items = list(names)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


class _Marks(dict[int, int | str]):
    """What stands for each character, found when it is first met: a text has many characters and few different ones."""

    def __missing__(self, code: int) -> int | str:
        character = chr(code)
        hidden = character not in _KEPT and unicodedata.category(character) in _HIDDEN
        self[code] = f"⟨U+{code:04X}⟩" if hidden else code
        return self[code]


def well_formed(text: str) -> str:
    """The text as a Go program reads it from JSON: every half of a surrogate pair is U+FFFD, so it can be UTF-8.

    Such halves are legal as escapes in JSON (RFC 8259, 8.2), and in no encoding of text.
    """
    return text if text.isascii() else _HALF.sub("\ufffd", text)


def well_formed_value(value: object) -> object:
    """The same for every text and key in lists, tuples and dictionaries; everything else stays as it is."""
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, dict):
        return {well_formed_value(key): well_formed_value(one) for key, one in value.items()}
    if isinstance(value, list):
        return [well_formed_value(one) for one in value]
    if isinstance(value, tuple) and type(value) is tuple:
        return tuple(well_formed_value(one) for one in value)
    return value


def wrapped(text: str, width: int, *, indent: int = 0, hanging: int | None = None) -> list[str]:
    """One line of text as lines of at most ``width`` columns, no word parted.

    A word that is wider than a whole line, such as an ARN, is parted after a colon, a slash, a comma or a hyphen, and
    only where it has none of them at the edge.

    :param indent: blanks before the first line; ``hanging``: before the others, the same when left out.
    """
    hanging = indent if hanging is None else hanging
    lines = [text[start:end].rstrip() for start, end in spans(text, width, indent=indent, hanging=hanging)]
    return [f"{' ' * (hanging if number else indent)}{line}".rstrip() for number, line in enumerate(lines)]


def spans(text: str, width: int, *, indent: int = 0, hanging: int = 0) -> list[tuple[int, int]]:
    """The pieces of a text that :func:`wrapped` puts on a line each, as ``(start, end)``; blanks between them are in none."""
    found: list[tuple[int, int]] = []
    start, end = 0, 0
    for word in _pieces(text, max(1, width - max(indent, hanging))):
        room = max(1, width - (hanging if found else indent))
        if end and columns(text[start : word[1]]) > room:
            found.append((start, end))
            start = word[0]
        elif not end:
            start = word[0]
        end = word[1]
    return [*found, (start, end)]


def columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(_columns_of(character) for character in text)


def _columns_of(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _pieces(text: str, room: int) -> Iterator[tuple[int, int]]:
    """The words of a text, and the parts of those that are wider than a line."""
    for word in re.finditer(r"\S+", text):
        if columns(word[0]) <= room:
            yield word.span()
        else:
            yield from _parts(text, *word.span(), room)


def _parts(text: str, start: int, end: int, room: int) -> Iterator[tuple[int, int]]:
    first = start
    for part in re.finditer(r"[^:/,-]*[:/,-]+|[^:/,-]+", text[start:end]):
        last = start + part.end()
        if columns(text[first:last]) > room and start + part.start() > first:
            yield first, start + part.start()
            first = start + part.start()
        while columns(text[first:last]) > room:
            cut = first + 1
            while columns(text[first : cut + 1]) <= room:
                cut += 1
            yield first, cut
            first = cut
    if first < end:
        yield first, end
