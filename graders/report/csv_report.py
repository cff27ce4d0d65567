"""The CSV: one row a submission, for a spreadsheet. RFC 4180, UTF-8, no byte order mark."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from graders.model import Results, SubmissionResult
from lab_env.files import PRIVATE, write_output
from lab_env.text import one_line

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # what spreadsheets take for the start of a formula
_FIXED = ("submission", "status", "score", "max_score", "adjustment", "reason", "digest", "depth")


def safe_cell(text: str) -> str:
    """``text`` on one line, with a leading apostrophe where a spreadsheet would run it as a formula (OWASP, CSV
    injection)."""
    line = one_line(text)
    return f"'{line}" if line.lstrip("'\" ").startswith(_FORMULA) else line


def dumps(results: Results) -> str:
    """The CSV text: fixed columns, then for each requirement its earned points and its status.

    An ``error`` has no points: the cell is empty, never 0.
    """
    ids = list(dict.fromkeys(row.id for submission in results.submissions for row in submission.requirements))
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    depth = str(results.depth or "")
    writer.writerow([*_FIXED, *(name for id_ in ids for name in (id_, f"{id_} status"))])
    for submission in results.submissions:
        writer.writerow(_row(submission, ids, depth))
    return stream.getvalue()


def write(results: Results, path: Path) -> None:
    """Writes the CSV to ``path``, whole or not at all."""
    write_output(path, dumps(results), mode=PRIVATE)


def _row(submission: SubmissionResult, ids: list[str], depth: str) -> list[str | float | None]:
    rows = {row.id: row for row in submission.requirements}
    cells: list[str | float | None] = [
        safe_cell(submission.id),
        submission.status.value,
        submission.score,
        submission.max_score,
        sum(adjustment.points for adjustment in submission.adjustments),
        safe_cell(submission.reason or ""),
        submission.digest,
        depth,
    ]
    for id_ in ids:
        row = rows.get(id_)
        # Points that are out of max_score (not_run) are no zero either.
        counts = row is not None and row.status.value not in ("not_run", "error")
        cells.extend(
            (row.earned if row is not None and counts else None, row.status.value if row is not None else None)
        )
    return cells
