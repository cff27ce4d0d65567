"""Moodle's grade import from CSV (Moodle documentation, "Grade import"; Moodle, ``grade/import/csv/classes/load_data.php``).

One column identifies the person, one is the mark, one the feedback; which is which is chosen on Moodle's own page. Moodle
refuses the whole file for one person that it does not know, and gives a row without identity to the person before it: neither
is ever written. The feedback is shown as HTML, so it is escaped.
"""

from __future__ import annotations

import html
from collections import Counter

from graders.marking.roster import Roster, match
from graders.model import Results, SubmissionResult
from graders.report.csv_report import safe_cell
from graders.report.lms.sheet import Export, as_csv, by_row, comment, default_assignment, mark, told
from lab_env.errors import UsageError
from lab_env.text import listed, one_line

_IDENTITY = (("email address", "email", "e-mail"), ("id number", "idnumber"), ("username",))
"""What Moodle can tell people apart by ("Map from"), the best first."""
_FEEDBACK = "Feedback comments"


def export(
    results: Results, roster: Roster | None = None, *, assignment: str | None = None, column: str | None = None
) -> Export:
    """The marks as Moodle imports them.

    :param roster: a list from Moodle with an Email address, ID number or Username column: its grading worksheet, its grade
        export or its list of participants; without one the submissions' ids identify.
    :param assignment: the mark column's name; the rubric's name when left out.
    :param column: the roster's column that holds the submissions' ids, when it shall not be guessed.
    :raises UsageError: the submissions cannot be found in the roster, or nothing in it identifies people.
    """
    title = assignment or default_assignment(results)
    if roster is None:
        return _without_roster(results, title)
    place = _identity(roster)
    people = range(len(roster.rows))
    found = match(roster, [one.id for one in results.submissions], column=column)
    marks = by_row(results, found)
    warnings = told(results, roster, found, people)
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


def _identity(roster: Roster) -> int:
    for names in _IDENTITY:
        place = roster.find(*names)
        if place is not None and any(row[place].strip() for row in roster.rows):
            return place
    raise UsageError(
        f"Nothing in {roster.name} identifies people for Moodle (its columns: {one_line(listed(roster.header))}).",
        next_step="Take a list with an Email address, ID number or Username column.",
    )


def _without_roster(results: Results, title: str) -> Export:
    warnings = [
        "Without a class list the submissions' own names identify the people: Moodle refuses the file for one it does not know.",
        *told(results, None, None, ()),
    ]
    head = "Email address" if all("@" in one.id for one in results.submissions) else "Username"
    table = [[head, title, _FEEDBACK]]
    for one in results.submissions:
        # Nobody vouches for these names: the learners chose them.
        name = safe_cell(one.id)
        if name != one.id:
            warnings.append(f"{name} was changed, since a spreadsheet could run it: Moodle will not know it.")
        table.append([name, mark(one), _feedback(one)])
    return Export(as_csv(table), tuple(warnings))


def _feedback(submission: SubmissionResult | None) -> str:
    return "" if submission is None else safe_cell(html.escape(comment(submission), quote=False))
