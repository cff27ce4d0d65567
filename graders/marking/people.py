"""A class list's people with the ids that a course calls them by.

Lists come from Canvas (its gradebook), from Moodle (participants, grading worksheet) and from nbgrader itself (``nbgrader db
student import``), each with other headings for the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from graders.marking.roster import Roster
from lab_env.errors import UsageError
from lab_env.text import listed, one_line

_IDS = (
    ("id", "student_id", "student id"),
    ("username", "user name", "login"),
    ("id number", "idnumber"),
    ("email address", "email", "e-mail"),
)
_CANVAS_IDS = (("SIS Login ID",), ("SIS User ID",), ("Integration ID",), ("ID",))
_EMAIL = ("email address", "email", "e-mail")
_FIRST, _LAST = ("first name", "firstname", "first_name"), ("last name", "lastname", "last_name", "surname")
_SUBMITTED = ("submitted", "timestamp", "submitted at")
_NUMBERED = re.compile(r"(?P<word>\D+?)\s*(?P<number>\d+)")


@dataclass(frozen=True)
class Person:
    """One row.

    :param id: what the course calls them.
    :param lms_id: the platform's own number, where the list has it.
    :param submitted: when they handed in, UTC, where the list says so.
    """

    row: int
    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_id: str = ""
    submitted: datetime | None = None


def people(roster: Roster, *, id_column: str | None = None) -> tuple[tuple[Person, ...], str]:
    """The people of a list, and the column that their ids are in. Rows without an id are nobody (Canvas's test student).

    :param id_column: when it shall not be guessed.
    :raises UsageError: no column is one of ids, an id stands in two rows, or a time has no zone.
    """
    place = roster.column(id_column) if id_column is not None else _id_column(roster)
    blind = place == 0 and _are_participants(roster)
    found: dict[str, Person] = {}
    for index, row in enumerate(roster.rows):
        id_ = _as_downloaded(row[place]) if blind else row[place].strip()
        if not id_:
            continue
        if id_ in found:
            lines = listed(str(roster.lines[one]) for one in (found[id_].row, index))
            raise UsageError(
                f"{one_line(id_)} stands in two rows of {roster.name}: lines {lines}.",
                next_step="Keep one row for each person, or name another column with --id.",
            )
        found[id_] = _person(roster, index, row, id_)
    return tuple(found.values()), roster.header[place]


def participant(roster: Roster, row: int) -> str:
    """What Moodle's download calls the person in a row of its worksheet: ``Participant_12345``; nothing in any other list."""
    return _as_downloaded(roster.rows[row][0]) if _are_participants(roster) else ""


def _is_canvas(roster: Roster) -> bool:
    return roster.header[0].strip() in ("Student", "LastName") and roster.find("Section") is not None


def _id_column(roster: Roster) -> int:
    for names in _CANVAS_IDS if _is_canvas(roster) else _IDS:
        place = roster.find(*names)
        if place is None or not any(row[place].strip() for row in roster.rows):
            continue
        if place != 0 or not _are_participants(roster):
            return place
    addresses = [i for i in range(len(roster.header)) if roster.rows and all("@" in row[i] for row in roster.rows)]
    if addresses:
        return addresses[0]
    if _are_participants(roster):  # blind marking: a number is all that there is
        return 0
    raise UsageError(
        f"No column of {roster.name} is known to hold the course's ids (its columns: {one_line(listed(roster.header))}).",
        next_step="Name it with --id.",
    )


def _are_participants(roster: Roster) -> bool:
    """Whether the first column has Moodle's participant numbers, which worksheets head with ``Identifier``, and some with ``ID``.

    Course ids may be a word and a number as well, under nbgrader's ``id``.
    """
    found = [_NUMBERED.fullmatch(row[0].strip()) for row in roster.rows]
    words = {match["word"] for match in found if match}
    return (
        bool(found) and None not in found and len(words) == 1 and roster.header[0].strip() not in ("id", "student_id")
    )


def _as_downloaded(cell: str) -> str:
    """The name that the same participant has in Moodle's download: ``Participant_12345``."""
    match = _NUMBERED.fullmatch(cell.strip())
    if match is None:
        return cell.strip()
    return f"{''.join(c for c in match['word'] if c.isalnum())}_{match['number']}"


def _person(roster: Roster, index: int, row: Sequence[str], id_: str) -> Person:
    def cell(*names: str) -> str:
        place = roster.find(*names)
        return "" if place is None else row[place].strip()

    first, last = cell(*_FIRST), cell(*_LAST)
    if not first and not last:
        whole = cell("student", "full name", "name", "vollständiger name", "nom complet", "nombre completo")
        last, comma, first = (part.strip() for part in whole.partition(","))
        if not comma:
            first, _, last = whole.rpartition(" ")
    return Person(
        row=index,
        id=id_,
        first_name=first,
        last_name=last,
        email=cell(*_EMAIL),
        lms_id=cell("ID") if _is_canvas(roster) else cell("lms_user_id"),
        submitted=_time(roster, index, cell(*_SUBMITTED)),
    )


def _time(roster: Roster, index: int, text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text.removesuffix(" UTC") + ("+00:00" if text.endswith(" UTC") else ""))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise UsageError(
            f"{roster.name}, line {roster.lines[index]}: {one_line(text)} is no time with its offset.",
            next_step="Write 2026-11-20T23:59:00+01:00, or Z for UTC.",
        )
    return found.astimezone(UTC)
