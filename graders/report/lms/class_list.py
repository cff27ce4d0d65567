"""A class list with marks: its own columns, then ours. For a platform that has no format of its own here, and for people."""

from __future__ import annotations

from graders.marking.roster import Roster
from graders.model import Results, SubmissionResult
from graders.report.csv_report import safe_cell
from graders.report.lms.entries import of_result, of_results
from graders.report.lms.sheet import Export, as_csv, mark, placed, told

_OURS = ("submission", "status", "score", "max_score", "adjustment", "comment")


def export(results: Results, roster: Roster, *, column: str | None = None) -> Export:
    """The roster as it is with six columns more.

    :raises UsageError: the submissions cannot be found in the roster.
    """
    entries = of_results(results)
    found = placed(entries, roster, column=column)
    marks = {found.rows[one.id]: one for one in results.submissions if one.id in found.rows}
    table = [[*roster.header, *_OURS]]
    table += [[*row, *_cells(marks.get(index))] for index, row in enumerate(roster.rows)]
    warnings = told(entries, roster, found, range(len(roster.rows)))
    return Export(as_csv(table, roster.delimiter), tuple(warnings))


def _cells(one: SubmissionResult | None) -> list[str]:
    if one is None:
        return [""] * len(_OURS)
    adjustment = sum(adjustment.points for adjustment in one.adjustments)
    entry = of_result(one)
    return [
        safe_cell(one.id), one.status.value, mark(entry), str(one.max_score), str(adjustment), safe_cell(entry.comment),
    ]  # fmt: skip
