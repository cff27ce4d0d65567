"""Gradescope's ``results.json`` (Gradescope autograder documentation, "Autograder Specifications", "Output format").

All texts are declared as ``text``: that is the one format in which Gradescope renders neither HTML nor Markdown nor ANSI. The
score stands at the top, where it overrides the sum of the tests, since a policy may have changed it. What was not looked at is no
test: one without points would be shown as passed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from graders.report.platforms.outcome import Outcome, Row

FILE = "results.json"


class Visibility(StrEnum):
    """When students see tests and their score."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    AFTER_DUE_DATE = "after_due_date"
    AFTER_PUBLISHED = "after_published"


def document(outcome: Outcome, visibility: Visibility = Visibility.VISIBLE) -> dict[str, Any]:
    """The file's contents.

    :param visibility: for all tests. What the grader prints is never shown to students.
    """
    return {
        "score": outcome.score,
        "output": outcome.text,
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": visibility.value,
        "stdout_visibility": "hidden",
        "tests": [*(_test(row) for row in outcome.rows), *(_adjustment(row) for row in outcome.adjustments)],
    }


def _test(row: Row) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": f"{row.name} ({row.id})" if row.number else row.name,
        "score": row.earned,
        "max_score": row.points,
        "status": _status(row),
        "output": row.text,
        "tags": [row.step],
    }
    return {"number": row.number, **test} if row.number else test


def _adjustment(row: Row) -> dict[str, Any]:
    # Without points of its own: its points are in the name, and in the score.
    return {"name": row.name, "status": _status(row), "output": row.text, "tags": [row.step]}


def _status(row: Row) -> str:
    return "passed" if row.passed else "failed"
