"""Which values are plainly placeholders, and what stands in the way of calling one so.

A password that does not say of itself that it is none is a credential whatever its strength: ``password123`` is one,
``CHANGE_ME`` is not. The vocabulary is :file:`placeholder.toml`; what else is a plain word is asked of zxcvbn's frequency
lists of English (Wikipedia, television), which leave out the words that people use as passwords most.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from lab_env.tables import ClosedTable, Words, packaged_table

_LONGEST = 200
_LONGEST_RUN = 40  # letters without anything between them, which are taken apart into words
_MOST_DIGITS = 2
# SEC-1234, v2: a ticket or a version, which is no part of any password.
_TICKET = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z]{2,10}-\d{1,6}|[vV]\d{1,2}(?:\.\d{1,2}){0,2})(?![A-Za-z0-9])")
_FILLING = re.compile(r"^[xX]{3,}|[xX]{3,}$")
_RUN = re.compile(r"[^\W_]+")
_CASED = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\dA-Za-z_]+|\d+")


@dataclass(frozen=True)
class PlaceholderReading:
    """What was found in a value.

    :param marker: the words that say that it is no credential; None when there are none.
    :param in_the_way: the first part that may be a real password all the same, as it is written; None when there is none.
    """

    marker: str | None
    in_the_way: str | None = None

    @property
    def plain(self) -> bool:
        """Whether the value is plainly a placeholder."""
        return self.marker is not None and self.in_the_way is None


def read_placeholder(value: str) -> PlaceholderReading:
    """Look for words that say "this is no credential", and for a part that may be one.

    The value is taken apart at punctuation, digits and changes of case, and letters that run together into plain words
    (``pleasechangeme``). Every part must be a plain word, a ticket's number or two digits at most: ``Todo7hQ2vT9xmK4wZp3`` and
    ``changeme-8fJ2kQ0x`` may be passwords.
    """
    text = value.strip()
    if len(text) > _LONGEST or "\0" in text:
        return PlaceholderReading(None)
    words: list[str] = []
    in_the_way: str | None = None
    plain = _TICKET.sub(" ", text)
    for run in _RUN.finditer(plain):
        parts = _words_of_run(_FILLING.sub("", run[0]))
        if parts is None:
            in_the_way = in_the_way or run[0]
            words.append("\0")
        else:
            words += parts
    digits = sum(c.isdigit() for c in plain)
    if in_the_way is None and digits > _MOST_DIGITS:
        in_the_way = next(run[0] for run in _RUN.finditer(plain) if any(c.isdigit() for c in run[0]))
    found = _vocabulary().markers.search(" ".join(words))
    return PlaceholderReading(found[0].strip() if found else None, in_the_way)


def is_placeholder(value: str) -> bool:
    """Whether the value says of itself that it is no credential, and holds none: ``CHANGE_ME_IN_AWS_CONSOLE``."""
    return read_placeholder(value).plain


def is_filler(value: str) -> bool:
    """A value of one repeated sign (``****``, ``xxxx``): not a credential, but not plainly a placeholder either."""
    stripped = value.strip()
    lowered = stripped.lower()
    return bool(stripped) and lowered.count(lowered[0]) == len(lowered) and not stripped[0].isdigit()


def _words_of_run(run: str) -> list[str] | None:
    """The plain words of letters and digits without anything between them; None when a part is no word."""
    vocabulary = _vocabulary()
    lowered = run.lower()
    if not lowered or lowered in vocabulary.words or (len(set(lowered)) == 1 and not lowered.isdigit()):
        return [lowered]
    cased = [part.lower() for part in _CASED.findall(run)]
    if all(part.isdigit() or _is_word(part) for part in cased):
        return _with_digits(cased)
    apart: list[str] = []
    for part in re.findall(r"\D+|\d+", lowered):
        found = [part] if part.isdigit() else _taken_apart(part)
        if found is None:
            return None
        apart += found
    return _with_digits(apart)


def _with_digits(parts: Sequence[str]) -> list[str] | None:
    """Digits may number a placeholder (``changeme1``, ``v2``) and nothing else: ``hunter2`` beside a marker is a password."""
    numbers = [part for part in parts if part.isdigit()]
    words = [part for part in parts if not part.isdigit()]
    if not numbers or not words:
        return words
    if len(numbers) > 1 or not parts[-1].isdigit() or len(numbers[0]) > _MOST_DIGITS:
        return None
    marked = _vocabulary().markers.search(" ".join(words)) is not None
    return words if marked or len("".join(words)) <= 3 or words[-1] in _vocabulary().run_together else None


def _is_word(part: str) -> bool:
    vocabulary = _vocabulary()
    return (
        (len(part) == 1 and part in "aix") or part in vocabulary.short or (len(part) > 2 and part in vocabulary.words)
    )


@cache
def _taken_apart(run: str) -> list[str] | None:
    """The fewest plain words that the run is made of; None when it is made of none, or one of them is a common password."""
    vocabulary = _vocabulary()
    if not 2 < len(run) <= _LONGEST_RUN:
        return None
    best: list[list[str] | None] = [[], *(None for _ in run)]
    for end in range(1, len(run) + 1):
        for start in range(max(0, end - 20), end):
            before, word = best[start], run[start:end]
            if before is None or not ((word in vocabulary.words and len(word) > 2) or word in vocabulary.short):
                continue
            if word in vocabulary.passwords and word not in vocabulary.run_together:
                continue
            here = best[end]
            if here is None or len(before) + 1 < len(here):
                best[end] = [*before, word]
    return best[-1]


@dataclass(frozen=True)
class _Vocabulary:
    markers: re.Pattern[str]
    words: frozenset[str]
    short: frozenset[str]
    passwords: frozenset[str]
    run_together: frozenset[str]


class _Table(ClosedTable):
    markers: tuple[str, ...]
    words: Words
    short_words: Words
    run_together: Words


@cache
def _vocabulary() -> _Vocabulary:
    data = packaged_table(__package__, "placeholder.toml", _Table)
    english = {word for name in ("english_wikipedia", "us_tv_and_film") for word in FREQUENCY_LISTS[name]}
    of_markers = {word for marker in data.markers for word in re.findall(r"[^\W\d_]{3,}", marker)}
    return _Vocabulary(
        markers=re.compile(rf"(?<!\S)(?:{'|'.join(data.markers)})(?!\S)"),
        words=frozenset(english | data.words | of_markers),
        short=data.short_words,
        passwords=frozenset(FREQUENCY_LISTS["passwords"]),
        run_together=data.run_together | of_markers,
    )


__all__ = ["PlaceholderReading", "is_filler", "is_placeholder", "read_placeholder"]
