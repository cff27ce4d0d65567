"""Moodle's two ways in: the assignment's own grading worksheet, filled (Moodle documentation, "Offline grading worksheet"), and
the gradebook's grade import from CSV ("Grade import"; Moodle, ``grade/import/csv/classes/load_data.php``).

A worksheet goes back as it came but for the marks and the comments (:mod:`graders.report.lms.worksheet`). Any other list becomes
a file for the grade import: one column identifies the person, one is the mark, one the feedback; which is which is chosen on
Moodle's own page. There Moodle refuses the whole file for one person that it does not know, and gives a row without identity to
the person before it: neither is ever written. The feedback is shown as HTML, so it is escaped.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from decimal import Decimal

from graders.marking.roster import Roster
from graders.model import Points, Results
from graders.report.csv_report import safe_cell
from graders.report.lms import numbers
from graders.report.lms.entries import NO_SCORE, Entries, Entry, of_results
from graders.report.lms.sheet import Export, as_csv, by_row, mark, placed, told
from graders.report.lms.worksheet import Worksheet, recognise
from lab_env.errors import UsageError
from lab_env.text import listed, one_line

_IDENTITY = (("email address", "email", "e-mail"), ("id number", "idnumber"), ("username",))
"""What Moodle can tell people apart by ("Map from"), the best first."""
_FEEDBACK = "Feedback comments"
_OURS = re.compile(rf"'?(?:[\d.]+ of [\d.]+ points?\.|{re.escape(NO_SCORE)})")
"""How a comment begins that an earlier export wrote."""


def export(
    results: Results, roster: Roster | None = None, *, assignment: str | None = None, column: str | None = None
) -> Export:
    """The marks of a result file as Moodle imports them; see :func:`fill`."""
    return fill(of_results(results), roster, assignment=assignment, column=column)


def fill(
    entries: Entries, roster: Roster | None = None, *, assignment: str | None = None, column: str | None = None
) -> Export:
    """The marks as Moodle imports them.

    :param roster: the assignment's grading worksheet, or a list from Moodle with an Email address, ID number or Username
        column: its grade export or its list of participants; without one the submissions' ids identify.
    :param assignment: the mark column's name in a grade import; the entries' own name for it when left out.
    :param column: the roster's column that holds the submissions' ids, when it shall not be guessed.
    :raises UsageError: the submissions cannot be found in the roster, or nothing in it identifies people.
    """
    title = assignment or entries.assignment
    if roster is None:
        return _without_roster(entries, title)
    if (sheet := recognise(roster)) is not None:
        return _worksheet(entries, roster, sheet, column)
    place = _identity(roster)
    people = range(len(roster.rows))
    found = placed(entries, roster, column=column)
    marks = by_row(entries, found)
    warnings = told(entries, roster, found, people)
    seen = Counter(row[place].strip() for row in roster.rows)
    table = [[roster.header[place], title, _FEEDBACK]]
    for index, row in enumerate(roster.rows):
        name = row[place].strip()
        one = marks.get(index)
        if not name:
            whose = f" of {one_line(one.id)}" if one is not None else ""
            warnings.append(
                f"{roster.name}, line {roster.lines[index]}: no {one_line(roster.header[place])}, "
                f"so the row{whose} is left out."
            )
            continue
        if seen[name] > 1:
            raise UsageError(
                f"{roster.name} has {one_line(name)} in several rows.", next_step="Keep one row for each person."
            )
        table.append([row[place], mark(one), _feedback(one)])
    return Export(as_csv(table), tuple(warnings))


def _worksheet(entries: Entries, roster: Roster, sheet: Worksheet, column: str | None) -> Export:
    found = placed(entries, roster, column=column)
    warnings = told(entries, roster, found, range(len(roster.rows)), stays=True)
    if sheet.maximum != Decimal(str(entries.maximum)):
        out_of = numbers.shown(sheet.maximum, comma=sheet.comma)
        warnings.append(f"Moodle grades out of {out_of}, the marks are out of {entries.maximum}: they are converted.")
    if sheet.comments is None:
        warnings.append(
            f"{roster.name} has no column for comments, so what was not met is not in it: Moodle's feedback type "
            '"Feedback comments" is off.'
        )
    changes = {
        index: _filled(entry, entries.maximum, sheet, roster, index, warnings)
        for index, entry in sorted(by_row(entries, found).items())
        if entry.score is not None
    }
    return Export(roster.filled(changes), tuple(warnings))


def _filled(
    entry: Entry, maximum: Points, sheet: Worksheet, roster: Roster, index: int, warnings: list[str]
) -> dict[int, str]:
    """The cells of one row that change."""
    row, cells = roster.rows[index], {}
    value = numbers.scaled(entry.score or 0, maximum, sheet.maximum)
    if value > sheet.maximum:
        most = numbers.shown(sheet.maximum, comma=sheet.comma)
        warnings.append(f"{one_line(entry.id)} has {value} points, and Moodle takes {most} at most: it gets these.")
        value = sheet.maximum
    if numbers.number(row[sheet.grade]) != value:  # else Moodle's own way to write it stays
        cells[sheet.grade] = numbers.shown(value, comma=sheet.comma)
    if sheet.comments is not None:
        before = row[sheet.comments].strip()
        if before and not _OURS.match(before):
            warnings.append(f"{one_line(entry.id)} has a comment in {roster.name} already: it stays.")
        elif row[sheet.comments] != _feedback(entry):
            cells[sheet.comments] = _feedback(entry)
    return cells


def _identity(roster: Roster) -> int:
    for names in _IDENTITY:
        place = roster.find(*names)
        if place is not None and any(row[place].strip() for row in roster.rows):
            return place
    raise UsageError(
        f"Nothing in {roster.name} identifies people for Moodle (its columns: {one_line(listed(roster.header))}).",
        next_step="Take a list with an Email address, ID number or Username column.",
    )


def _without_roster(entries: Entries, title: str) -> Export:
    warnings = [
        "Without a class list the submissions' own names identify the people: Moodle refuses the file for one it does not know.",
        *told(entries, None, None, ()),
    ]
    head = "Email address" if all("@" in one.id for one in entries.entries) else "Username"
    table = [[head, title, _FEEDBACK]]
    for one in entries.entries:
        # Nobody vouches for these names: the learners chose them.
        name = safe_cell(one.id)
        if name != one.id:
            warnings.append(f"{name} was changed, since a spreadsheet could run it: Moodle will not know it.")
        table.append([name, mark(one), _feedback(one)])
    return Export(as_csv(table), tuple(warnings))


def _feedback(entry: Entry | None) -> str:
    return "" if entry is None else safe_cell(html.escape(entry.comment, quote=False))
