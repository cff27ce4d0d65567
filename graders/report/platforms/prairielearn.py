"""PrairieLearn's ``results.json`` of an external grader (PrairieLearn documentation, "External grading", "Grading results").

Its element ``pl-external-grader-results`` escapes HTML and renders ANSI, of which nothing is left here. It shows the sum of the
tests beside the score, so what a policy changed is a test as well, out of 0 points, which it shows neither as right nor as wrong.
"""

from __future__ import annotations

from typing import Any

from graders.model import SubmissionStatus
from graders.report.platforms.outcome import Outcome, Row

FILE = "results.json"


def document(outcome: Outcome) -> dict[str, Any]:
    """The file's contents. What could not be read is not gradable: PrairieLearn shows why, and it costs no attempt."""
    if outcome.status is SubmissionStatus.UNGRADABLE and outcome.score == 0:
        return {
            "gradable": False,
            "score": 0.0,
            "format_errors": [row.text for row in outcome.rows],
            "message": outcome.text,
        }
    return {
        "gradable": True,
        "score": outcome.share,
        "message": outcome.text,
        "tests": [_test(row) for row in outcome.all_rows],
    }


def _test(row: Row) -> dict[str, Any]:
    return {
        "name": f"{row.number} {row.name}" if row.number else row.name,
        "description": row.id,
        "points": row.earned,
        "max_points": row.points,
        "message": row.text,
    }
