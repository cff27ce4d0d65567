"""Text that comes from somebody's JSON, made such that it can be written down."""

from __future__ import annotations

import re

_HALF = re.compile("[\ud800-\udfff]")


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
