"""Canvas's gradebook import (Instructor Guide, "How do I import grades in the Gradebook?"; Canvas LMS, ``gradebook_importer.rb``).

The header begins with Student, ID, SIS User ID, SIS Login ID, Section, with Integration ID and Root Account among them, or LastName
and FirstName for Student, where an institution has it so; an assignment's column is called ``<title> (<number>)``, and a title
that Canvas does not know makes a new assignment. From Canvas's own export the person's columns and the rows that are no people
are kept as they are, to the last quote. The other assignments' columns are left out: their marks may have changed since the
export, and an import would set them back. Cells are separated by semicolons and numbers have a comma where the instructor's
language has them so (``csv_with_i18n.rb``); Canvas reads what it wrote.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from graders.marking.roster import HEADER, Match, Roster
from graders.model import Results
from graders.report.csv_report import safe_cell
from graders.report.lms import numbers
from graders.report.lms.entries import Entries, Entry, of_results
from graders.report.lms.sheet import Export, as_csv, by_row, mark, placed, told
from lab_env.errors import UsageError
from lab_env.text import one_line

_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_POINTS = "    Points Possible"  # Canvas's own spelling
_TITLE = re.compile(r"(?P<title>.*) \(\d+\)", re.DOTALL)
_POSTING = re.compile(r"\s*(?:Muted|Manual Posting.*)?\s*", re.IGNORECASE | re.DOTALL)
_STUDENT = re.compile(r".+_(?P<user>\d+)", re.DOTALL)  # the id that a bulk download gives: name_12345


def export(
    results: Results, roster: Roster | None = None, *, assignment: str | None = None, column: str | None = None
) -> Export:
    """The marks of a result file as Canvas imports them; see :func:`fill`."""
    return fill(of_results(results), roster, assignment=assignment, column=column)


def fill(
    entries: Entries, roster: Roster | None = None, *, assignment: str | None = None, column: str | None = None
) -> Export:
    """The marks as Canvas imports them.

    :param roster: the gradebook that Canvas exported, or another class list; without one the submissions' ids identify.
    :param assignment: the assignment's title or its whole heading; the entries' own name for it when left out.
    :param column: the roster's column that holds the submissions' ids, when it shall not be guessed.
    :raises UsageError: the submissions cannot be found in the roster, or the assignment's column is not clear.
    """
    title = assignment or entries.assignment
    if title.strip() in (*_COLUMNS, "LastName", "FirstName", "Integration ID", "Root Account"):
        raise UsageError(f"{title} is one of Canvas's own columns.", next_step="Name the assignment with --assignment.")
    made = _filled(entries, roster, title, column)
    if "final" not in title.casefold():
        return made
    ignored = (
        f'Canvas is reported to ignore an uploaded column whose title holds "Final", as {one_line(title)} does '
        "(instructure/canvas-lms#2134): see in its preview that the marks are there, or give the assignment another title."
    )
    return Export(made.text, (*made.warnings, ignored))


def _filled(entries: Entries, roster: Roster | None, title: str, column: str | None) -> Export:
    if roster is None:
        return _without_roster(entries, title)
    people = [i for i, row in enumerate(roster.rows) if not _no_person(row)]
    found = placed(entries, roster, column=column, people=people)
    if is_gradebook(roster):
        return _gradebook(entries, roster, found, people, title)
    return _class_list(entries, roster, found, people, title)


def is_gradebook(roster: Roster) -> bool:
    """Whether Canvas wrote this list."""
    first = roster.header[0].strip()
    return first in ("Student", "LastName") and roster.find("ID") is not None and roster.find("Section") is not None


def _no_person(row: Sequence[str]) -> bool:
    """The rows "Points Possible" and "Manual Posting" of an export."""
    return _is_points(row) or all(_POSTING.fullmatch(cell) for cell in row)


def _is_points(row: Sequence[str]) -> bool:
    return row[0].strip().startswith("Points Possible")


def _gradebook(entries: Entries, roster: Roster, found: Match, people: Sequence[int], title: str) -> Export:
    width = (roster.find("Section") or 0) + 1
    place = _assignment(roster, title, width)
    new = place is None
    at = len(roster.header) if place is None else place
    marks = by_row(entries, found)
    warnings = told(entries, roster, found, [i for i in people if i in marks or not _has_mark(roster.rows[i], place)])
    points = next((row for row in roster.rows if _is_points(row)), None)
    if new:
        warnings.append(f"{roster.name} has no column {one_line(title)}: Canvas will offer to make a new assignment.")
    written = points[place] if points is not None and place is not None else None
    possible = _possible(written, entries, warnings)
    comma = _with_comma(roster, written)
    changes: dict[int, dict[int, str]] = {HEADER: {at: title}} if new else {}
    for index, row in enumerate(roster.rows):
        if index in people:
            before = "" if place is None else row[place]
            changes[index] = {at: _cell(before, marks.get(index), row[0], (entries, possible, comma), warnings)}
        elif new and _is_points(row):
            changes[index] = {at: str(entries.maximum)}
    below = [_POINTS, *[""] * (width - 1), str(entries.maximum)] if new and points is None else ()
    columns = [*range(width), at]
    if place is not None:  # what is as it was keeps its quotes as well
        changes = {i: cells for i, cells in changes.items() if cells[at] != roster.rows[i][place]}
    return Export(roster.filled(changes, columns=columns, below_header=below), tuple(warnings))


def _assignment(roster: Roster, title: str, width: int) -> int | None:
    """The column of the assignment: by its whole heading, else by the title before Canvas's number."""
    columns = range(width, len(roster.header))
    exact = [i for i in columns if roster.header[i] == title]
    found = exact or [i for i in columns if (m := _TITLE.fullmatch(roster.header[i])) and m["title"] == title]
    if len(found) > 1:
        names = ", ".join(one_line(roster.header[i]) for i in found)
        raise UsageError(
            f"{roster.name} has several columns {one_line(title)}.", next_step=f"Write one in full: {names}."
        )
    return found[0] if found else None


def _has_mark(row: Sequence[str], place: int | None) -> bool:
    return place is not None and row[place].strip() not in ("", "N/A", "-")


def _cell(
    before: str, entry: Entry | None, name: str, marks: tuple[Entries, Decimal | None, bool], warnings: list[str]
) -> str:
    """The new mark; an excused student stays excused, and whose work is not here keeps what Canvas has."""
    entries, possible, comma = marks
    new = ""
    if entry is not None and entry.score is not None:
        new = numbers.shown(numbers.scaled(entry.score, entries.maximum, possible), comma=comma)
    if before.strip().upper() == "EX":
        if new:
            warnings.append(f"{one_line(name)} is excused in Canvas: the mark {new} is not exported.")
        return before
    if _has_mark((before,), 0) and not new:
        if entry is None:
            warnings.append(f"{one_line(name)} has {one_line(before)} in Canvas and no submission here: it stays.")
            return before
        warnings.append(f"{one_line(name)} has {one_line(before)} in Canvas: the empty cell would take it away.")
    return new


def _possible(points: str | None, entries: Entries, warnings: list[str]) -> Decimal | None:
    """What the marks shall be out of; None where Canvas says nothing that they could be converted to."""
    if points is None:
        return None
    possible = numbers.number(points)
    if possible is None or possible <= 0:
        warnings.append(
            f"Canvas has {one_line(points) or 'no'} points possible for the assignment, the marks are out of "
            f"{entries.maximum}: they are not converted."
        )
        return None
    if possible != Decimal(str(entries.maximum)):
        warnings.append(
            f"Canvas has {one_line(points)} points possible for the assignment, the marks are out of "
            f"{entries.maximum}: they are converted."
        )
    return possible


def _with_comma(roster: Roster, points: str | None) -> bool:
    """Whether this export has commas in its numbers: the assignment's own points say so, else any others."""
    cells = [points or "", *(cell for row in roster.rows if _is_points(row) for cell in row)]
    decimals = [cell for cell in cells if numbers.number(cell) is not None and ("," in cell or "." in cell)]
    return bool(decimals) and numbers.with_comma(decimals[0])


def _class_list(entries: Entries, roster: Roster, found: Match, people: Sequence[int], title: str) -> Export:
    """Canvas's columns from another list: those that it has by name, and the ids' own column as the login."""
    names = {name: roster.find(name) for name in _COLUMNS if name != "ID"}
    names["Student"] = names["Student"] if names["Student"] is not None else roster.find("full name", "name")
    if names["SIS User ID"] is None and names["SIS Login ID"] is None:
        names["SIS Login ID"] = roster.find(found.column)
    marks = by_row(entries, found)
    table = [[*_COLUMNS, title], _points(entries)]
    for index in people:
        row = roster.rows[index]
        one = marks.get(index)
        cells = {name: "" if place is None else row[place] for name, place in names.items()}
        cells["Student"] = cells["Student"] or roster.full_name(row)
        cells["ID"] = _user(one) if one is not None else ""
        table.append([*(cells[name] for name in _COLUMNS), mark(one)])
    return Export(as_csv(table), tuple(told(entries, roster, found, people)))


def _without_roster(entries: Entries, title: str) -> Export:
    warnings = [
        "Without a class list the submissions' own names identify the people: check them in Canvas's preview.",
        *told(entries, None, None, ()),
    ]
    table = [[*_COLUMNS, title], _points(entries)]
    for one in entries.entries:
        # Nobody vouches for these names: the learners chose them.
        name, user = safe_cell(one.id), _user(one)
        if name != one.id:
            warnings.append(f"{name} was changed, since a spreadsheet could run it: Canvas will not know it.")
        cells: Mapping[str, str] = {"Student": name, "ID": user, "SIS Login ID": "" if user else name}
        table.append([*(cells.get(column, "") for column in _COLUMNS), mark(one)])
    return Export(as_csv(table), tuple(warnings))


def _points(entries: Entries) -> list[str]:
    return [_POINTS, *[""] * (len(_COLUMNS) - 1), str(entries.maximum)]


def _user(entry: Entry) -> str:
    """Canvas's number of the learner, where the id or an alias has it."""
    found = (_STUDENT.fullmatch(name) for name in (entry.id, *entry.aliases))
    return next((match["user"] for match in found if match), "")
