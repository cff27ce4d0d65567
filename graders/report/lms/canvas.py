"""Canvas's gradebook import (Instructor Guide, "How do I import grades in the Gradebook?"; Canvas LMS, ``gradebook_importer.rb``).

The header begins with Student, ID, SIS User ID, SIS Login ID, Section; an assignment's column is called ``<title> (<number>)``, and
a title that Canvas does not know makes a new assignment. From Canvas's own export the person's columns and the rows that are
no people are kept as they are. The other assignments' columns are left out: their marks may have changed since the export,
and an import would set them back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from graders.marking.roster import Match, Roster, match
from graders.model import Results, SubmissionResult
from graders.report.csv_report import safe_cell
from graders.report.lms.sheet import Export, as_csv, by_row, default_assignment, highest, mark, told
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
    """The marks as Canvas imports them.

    :param roster: the gradebook that Canvas exported, or another class list; without one the submissions' ids identify.
    :param assignment: the assignment's title or its whole heading; the rubric's name when left out.
    :param column: the roster's column that holds the submissions' ids, when it shall not be guessed.
    :raises UsageError: the submissions cannot be found in the roster, or the assignment's column is not clear.
    """
    title = assignment or default_assignment(results)
    if title.strip() in (*_COLUMNS, "LastName", "FirstName", "Integration ID", "Root Account"):
        raise UsageError(f"{title} is one of Canvas's own columns.", next_step="Name the assignment with --assignment.")
    if roster is None:
        return _without_roster(results, title)
    people = [i for i, row in enumerate(roster.rows) if not _no_person(row)]
    found = match(roster, [one.id for one in results.submissions], column=column, people=people)
    if _is_gradebook(roster):
        return _gradebook(results, roster, found, people, title)
    return _class_list(results, roster, found, people, title)


def _is_gradebook(roster: Roster) -> bool:
    first = roster.header[0].strip()
    return first in ("Student", "LastName") and roster.find("ID") is not None and roster.find("Section") is not None


def _no_person(row: Sequence[str]) -> bool:
    """The rows "Points Possible" and "Manual Posting" of an export."""
    return row[0].strip().startswith("Points Possible") or all(_POSTING.fullmatch(cell) for cell in row)


def _gradebook(results: Results, roster: Roster, found: Match, people: Sequence[int], title: str) -> Export:
    width = (roster.find("Section") or 0) + 1
    place = _assignment(roster, title, width)
    head = title if place is None else roster.header[place]
    marks = by_row(results, found)
    table = [[*roster.header[:width], head]]
    warnings = told(results, roster, found, people)
    if place is None:
        warnings.append(f"{roster.name} has no column {one_line(title)}: Canvas will offer to make a new assignment.")
        if len(people) == len(roster.rows):
            table.append([_POINTS, *[""] * (width - 1), str(highest(results))])
    for index, row in enumerate(roster.rows):
        before = "" if place is None else row[place]
        if index in people:
            cell = _cell(before, marks.get(index), row[0], warnings)
        elif place is None and row[0].strip().startswith("Points Possible"):
            cell = str(highest(results))
        else:
            cell = before
            _compare_points(row[0], before, results, warnings)
        table.append([*row[:width], cell])
    return Export(as_csv(table, roster.delimiter), tuple(warnings))


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


def _cell(before: str, submission: SubmissionResult | None, name: str, warnings: list[str]) -> str:
    """The new mark; an excused student stays excused."""
    new = mark(submission)
    if before.strip().upper() == "EX":
        if new:
            warnings.append(f"{one_line(name)} is excused in Canvas: the mark {new} is not exported.")
        return before
    if before.strip() not in ("", "N/A", "-") and not new:
        warnings.append(f"{one_line(name)} has {one_line(before)} in Canvas: the empty cell would take it away.")
    return new


def _compare_points(name: str, points: str, results: Results, warnings: list[str]) -> None:
    if not name.strip().startswith("Points Possible"):
        return
    try:
        same = float(points.replace(",", ".")) == highest(results)
    except ValueError:
        same = False
    if not same:
        warnings.append(
            f"Canvas has {one_line(points) or 'no'} points possible for the assignment, the marks are out of "
            f"{highest(results)}: they are not converted."
        )


def _class_list(results: Results, roster: Roster, found: Match, people: Sequence[int], title: str) -> Export:
    """Canvas's columns from another list: those that it has by name, and the ids' own column as the login."""
    names = {name: roster.find(name) for name in _COLUMNS if name != "ID"}
    names["Student"] = names["Student"] if names["Student"] is not None else roster.find("full name", "name")
    if names["SIS User ID"] is None and names["SIS Login ID"] is None:
        names["SIS Login ID"] = roster.find(found.column)
    marks = by_row(results, found)
    table = [[*_COLUMNS, title], _points(results)]
    for index in people:
        row = roster.rows[index]
        one = marks.get(index)
        cells = {name: "" if place is None else row[place] for name, place in names.items()}
        cells["Student"] = cells["Student"] or roster.full_name(row)
        cells["ID"] = _user(one.id) if one is not None else ""
        table.append([*(cells[name] for name in _COLUMNS), mark(one)])
    return Export(as_csv(table), tuple(told(results, roster, found, people)))


def _without_roster(results: Results, title: str) -> Export:
    warnings = [
        "Without a class list the submissions' own names identify the people: check them in Canvas's preview.",
        *told(results, None, None, ()),
    ]
    table = [[*_COLUMNS, title], _points(results)]
    for one in results.submissions:
        # Nobody vouches for these names: the learners chose them.
        name, user = safe_cell(one.id), _user(one.id)
        if name != one.id:
            warnings.append(f"{name} was changed, since a spreadsheet could run it: Canvas will not know it.")
        cells: Mapping[str, str] = {"Student": name, "ID": user, "SIS Login ID": "" if user else name}
        table.append([*(cells.get(column, "") for column in _COLUMNS), mark(one)])
    return Export(as_csv(table), tuple(warnings))


def _points(results: Results) -> list[str]:
    return [_POINTS, *[""] * (len(_COLUMNS) - 1), str(highest(results))]


def _user(id_: str) -> str:
    found = _STUDENT.fullmatch(id_)
    return found["user"] if found else ""
