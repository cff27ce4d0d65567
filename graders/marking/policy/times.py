"""When each submission was handed in: from nbgrader, from Canvas's marker; else it is not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import Enum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lab_env.errors import LabError
from lab_env.submission import SubmissionRef
from lab_env.submission.directory import read_bytes
from lab_env.submission.layouts import loose_files
from lab_env.submission.limits import TIMESTAMP

_COLLECTED = "submitted"  # nbgrader's CourseDirectory.submitted_directory
_LONGEST = 200  # bytes of a time stamp


class Marked(Enum):
    """What is known without a time."""

    LATE = "LATE"
    """Canvas marked the submission as late; by how much is not in its download."""


Submitted = Mapping[str, datetime | Marked]
"""When each submission was handed in, by id; one that is not in it is not known."""


def times_of(refs: Iterable[SubmissionRef]) -> dict[str, datetime | Marked]:
    """What the files tell of every submission, by id; the policy's own times come on top (:func:`graders.marking.policy.apply`)."""
    found = {ref.id: nbgrader_time(ref) or canvas_mark(ref) for ref in refs}
    return {id_: time for id_, time in found.items() if time is not None}


def nbgrader_time(ref: SubmissionRef) -> datetime | None:
    """The time in the ``timestamp.txt`` that nbgrader writes beside a submission's files.

    Only where nbgrader puts it, in ``submitted/<student>/<assignment>/``: in any other directory the file is the learner's, who
    could write any time into it.
    """
    path = ref.path.absolute()
    if path.parent.parent.name != _COLLECTED or not path.is_dir():
        return None
    try:
        data = read_bytes(path / TIMESTAMP, _LONGEST, shown=TIMESTAMP)
    except LabError:
        return None
    return parse_stamp(data.decode("utf-8", errors="replace"))


def parse_stamp(text: str) -> datetime | None:
    """nbgrader's time: ``2026-11-20 23:58:01.123456 UTC``, the zone by name or as an offset; without one it is UTC.

    None when the text is no time or the zone's name is not known.
    """
    words = text.split()
    if len(words) not in (2, 3):
        return None
    try:
        time = datetime.fromisoformat(f"{words[0]}T{words[1]}")
        if time.tzinfo is not None:
            return time if len(words) == 2 else None
        if len(words) == 2 or words[2] in ("UTC", "Z", "GMT"):
            return time.replace(tzinfo=UTC)
        if words[2][0] in "+-":
            return datetime.fromisoformat(f"{words[0]}T{words[1]}{words[2]}")
        return time.replace(tzinfo=ZoneInfo(words[2]))
    except (ValueError, ZoneInfoNotFoundError, OSError):
        return None


def canvas_mark(ref: SubmissionRef) -> Marked | None:
    """``LATE`` in the names of a student's newest files in Canvas's bulk download."""
    handed = loose_files(ref.path)
    return Marked.LATE if handed is not None and handed.late else None
