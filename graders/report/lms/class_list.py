"""A class list with marks: its own columns, then ours. For a platform that has no format of its own here, and for people."""

from __future__ import annotations

from graders.marking.roster import Roster, match
from graders.model import Results, SubmissionResult
from graders.report.csv_report import safe_cell
from graders.report.lms.sheet import Export, as_csv, by_row, comment, mark, told

_OURS = ("submission", "status", "score", "max_score", "adjustment", "comment")


def export(results: Results, roster: Roster, *, column: str | None = None) -> Export:
    """The roster as it is with six columns more.

    :raises UsageError: the submissions cannot be found in the roster.
    """
    found = match(roster, [one.id for one in results.submissions], column=column)
    marks = by_row(results, found)
    table = [[*roster.header, *_OURS]]
    table += [[*row, *_cells(marks.get(index))] for index, row in enumerate(roster.rows)]
    warnings = told(results, roster, found, range(len(roster.rows)))
    return Export(as_csv(table, roster.delimiter), tuple(warnings))


def _cells(one: SubmissionResult | None) -> list[str]:
    if one is None:
        return [""] * len(_OURS)
    adjustment = sum(adjustment.points for adjustment in one.adjustments)
    return [
        safe_cell(one.id), one.status.value, mark(one), str(one.max_score), str(adjustment), safe_cell(comment(one)),
    ]  # fmt: skip
