"""Classroom 50's ``result.json``, ``classroom50/result/v1``.

Classroom 50 is the open successor of GitHub Classroom: its runner starts a teacher's ``autograder.py`` in the student's checkout
and publishes the file with the push (its wiki, "Advanced Autograding", "The result.json contract"). Whose push it is the runner
says in environment variables, and it refuses a file that says otherwise.

Points are whole numbers there: where there are half points all are doubled, so that shares stay what they are. No test has negative
points: what a policy changed is a test out of 0, and the score at the top has it in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from graders.model import Points
from graders.report.platforms.outcome import Outcome, Row
from lab_env.errors import UsageError
from lab_env.text import listed

FILE = "result.json"
SCHEMA = "classroom50/result/v1"
_REQUIRED = ("CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL")


@dataclass(frozen=True)
class Push:
    """Which push was graded, as the runner names it."""

    classroom: str
    assignment: str
    assignment_type: str
    owner: str
    submission: str
    commit: str
    release: str
    review: str

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self:
        """What the runner has put into the environment of the autograder.

        :raises UsageError: it is not there.
        """
        owner = environ.get("OWNER") or environ.get("USERNAME") or ""
        missing = [name for name in _REQUIRED if not environ.get(name)] + ([] if owner else ["OWNER"])
        if missing:
            raise UsageError(
                f"Classroom 50's result file names the push, and its runner says which in {listed(missing)}: not set here.",
                next_step="Run this from autograder.py, as `lab autograder classroom50` writes it.",
            )
        return cls(
            classroom=environ["CLASSROOM"],
            assignment=environ["ASSIGNMENT"],
            assignment_type=environ.get("ASSIGNMENT_TYPE") or "individual",
            owner=owner,
            submission=environ["SUBMISSION_TAG"],
            commit=environ["COMMIT_URL"],
            release=environ["RELEASE_URL"],
            review=environ.get("REVIEW_URL") or environ["COMMIT_URL"],
        )


def document(outcome: Outcome, push: Push, when: str) -> dict[str, Any]:
    """The file's contents.

    :param when: when it was graded, as ``2026-11-30T12:00:00Z``; the runner puts the push's own time into ``datetime``.
    """
    times = factor(outcome)
    # More than everything is no share that Classroom 50 takes.
    score = min(max(outcome.score, 0), outcome.max_score)
    return {
        "schema": SCHEMA,
        "classroom": push.classroom,
        "assignment": push.assignment,
        "assignment_type": push.assignment_type,
        "owner": push.owner,
        "submission": push.submission,
        "commit": push.commit,
        "release": push.release,
        "review": push.review,
        "datetime": when,
        "graded_at": when,
        "score": int(score * times),
        "max-score": int(outcome.max_score * times),
        "tests": [_test(row, times) for row in outcome.all_rows],
    }


def factor(outcome: Outcome) -> int:
    """2 where there are half points anywhere, else 1."""
    numbers: list[Points] = [outcome.score, outcome.max_score]
    numbers += [number for row in outcome.rows for number in (row.earned, row.points)]
    return 1 if all(number == int(number) for number in numbers) else 2


def _test(row: Row, times: int) -> dict[str, Any]:
    adjusts = row.points == 0
    return {
        "test-name": f"{row.name} ({row.id})" if row.number else row.name,
        "passed": row.passed,
        "score": 0 if adjusts else int(row.earned * times),
        "max-score": int(row.points * times),
        "message": row.text,
    }
