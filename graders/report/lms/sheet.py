"""What the exports have in common: the table, who stands in which row, and what to tell the instructor."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graders.marking.roster import Match, Roster, match
from graders.report.lms.entries import Entries, Entry
from lab_env.text import counted, one_line


@dataclass(frozen=True)
class Export:
    """:param text: the CSV. :param warnings: what the instructor has to know, a sentence each."""

    text: str
    warnings: tuple[str, ...]


def as_csv(rows: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    """RFC 4180: cells with separators, quotes or line ends in quotes, lines ended by CR LF."""
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return stream.getvalue()


def mark(entry: Entry | None) -> str:
    """The score's cell: empty for nobody and where there is no number."""
    return "" if entry is None or entry.score is None else str(entry.score)


def placed(
    entries: Entries, roster: Roster, *, column: str | None = None, people: Iterable[int] | None = None
) -> Match:
    """Find everybody's row.

    :raises UsageError: see :func:`graders.marking.roster.match`.
    """
    return match(roster, entries.ids, column=column, people=people, aliases=entries.aliases)


def by_row(entries: Entries, found: Match) -> dict[int, Entry]:
    """The submissions by the roster's rows."""
    return {found.rows[entry.id]: entry for entry in entries.entries if entry.id in found.rows}


def told(
    entries: Entries, roster: Roster | None, found: Match | None, people: Sequence[int], *, stays: bool = False
) -> list[str]:
    """What is left out or empty, and why.

    :param people: the roster's rows that are people.
    :param stays: a cell without a mark is left as it was, not emptied.
    """
    said = []
    if roster is not None and found is not None:
        said += [f"{one_line(id_)} is not in {roster.name}: its mark is not exported." for id_ in found.missing]
        nobody = len(people) - len(found.rows)
        if nobody:
            left = "left as it was" if stays else "empty"
            said.append(f"{counted(nobody, 'student')} of {roster.name} without a submission: the cell is {left}.")
    missing = set() if found is None else set(found.missing)
    left = "left as it was" if stays else "empty"
    said += [
        f"{one_line(entry.id)} has no score{entry.why_none}: the cell is {left}."
        for entry in entries.entries
        if entry.score is None and entry.id not in missing
    ]
    return [*said, *entries.notes]
