"""Which notebook one is a copy of, by its name alone."""

from __future__ import annotations

import re
from collections.abc import Collection

# What browsers, Jupyter, file managers and platforms add to a copy's name, in the languages that people here use.
_AFTER = re.compile(r"(?: ?\(\d{1,4}\)|(?: - |[-_ ]?)(?:[Cc]opy|[Kk]opie|[Cc]opie)[-_ ]?\d{0,4}|[-_]\d{1,4})\Z")
_BEFORE = re.compile(r"\A(?:Copy of |Kopie von |Copie de )")


def original(stem: str, names: Collection[str]) -> str | None:
    """The one of these names that ``stem`` is, or is a copy's, or a copy's copy's; None when it is none of them.

    >>> original("Copy of 01-kms-key (2)", {"01-kms-key"})
    '01-kms-key'
    """
    while stem not in names:
        shorter = _AFTER.sub("", stem)
        if shorter == stem:
            shorter = _BEFORE.sub("", stem)
        if shorter == stem:
            return None
        stem = shorter
    return stem
