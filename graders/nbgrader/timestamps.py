"""What is taken for a time in a learner's ``timestamp.txt`` before nbgrader reads it."""

from __future__ import annotations

import re
from datetime import datetime

from nbgrader.utils import parse_utc

# As nbgrader writes it, and as people do: a date, a time, a zone by name or as an offset.
_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}[ T]\d{1,2}:\d{2}(:\d{2}(\.\d{1,9})?)?"
    r"( ?(Z|[+-]\d{2}:?\d{2})| [A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2})?",
    re.ASCII,
)


def is_time(stamp: bytes) -> bool:
    """Whether nbgrader can read this as a timestamp, and reads no file for it.

    nbgrader has dateutil look the zone up, and that takes an absolute path, or one with ``..`` in it, for the name of a zone's
    file: it would read whatever file the learner names.
    """
    text = stamp.decode("ascii", "replace").strip()
    if not _TIME.fullmatch(text):
        return False
    try:
        parse_utc(text)
    except (ValueError, OverflowError):
        return False
    return True


def time_of(stamp: bytes) -> datetime | None:
    """When that was, as nbgrader has times: in UTC, and without saying so; None when it is no time."""
    if not is_time(stamp):
        return None
    found: datetime = parse_utc(stamp.decode("ascii").strip())
    return found
