"""How a status and a step are called and marked, the same in every report: a symbol and a word, never colour alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graders.model import NOT_CREATED, Points, RequirementResult, Status, SubmissionResult, SubmissionStatus


@dataclass(frozen=True)
class Mark:
    """:param style: a Rich style, for terminals."""

    symbol: str
    word: str
    style: str


MARKS: dict[Status, Mark] = {
    Status.PASS: Mark("✓", "Pass", "green"),
    Status.FAIL: Mark("✗", "Fail", "bold red"),
    Status.BLOCKED: Mark("◌", "Blocked", "yellow"),
    Status.NOT_RUN: Mark("–", "Not run", "dim"),
    Status.UNGRADABLE: Mark("⊘", "Ungradable", "magenta"),
    Status.ERROR: Mark("!", "Error", "bold magenta"),
}

# "Graded" says that there is a verdict, not that it is good: no tick, no green.
SUBMISSION_MARKS: dict[SubmissionStatus, Mark] = {
    SubmissionStatus.GRADED: Mark("•", "Graded", ""),
    SubmissionStatus.REJECTED: Mark("✗", "Rejected", "bold red"),
    SubmissionStatus.UNGRADABLE: Mark("⊘", "Ungradable", "magenta"),
    SubmissionStatus.ERROR: Mark("!", "Error", "bold magenta"),
}

_STEPS = {
    "module": "Module",
    "kms": "KMS key",
    "secret": "Secret",
    "rotation": "Rotation",
    "ecs": "ECS task",
    "iam": "Permissions",
    "runtime": "Run time",
}


@dataclass(frozen=True)
class Step:
    """One step of the lesson in one submission. ``earned`` is None when a row of it is an ``error``."""

    id: str
    title: str
    earned: Points | None
    points: Points
    rows: tuple[RequirementResult, ...]

    @property
    def score(self) -> str:
        """``10/17``; a dash when there is nothing to count."""
        if not self.points and all(row.status is Status.NOT_RUN for row in self.rows):
            return "–"
        return f"{'–' if self.earned is None else self.earned}/{self.points}"

    @property
    def complete(self) -> bool:
        return bool(self.points) and self.earned == self.points


def step_title(step: str) -> str:
    """A step's name for people; an unknown one is shown as it is."""
    return _STEPS.get(step, step)


def steps(submission: SubmissionResult) -> tuple[Step, ...]:
    """The submission's rows by step, in rubric order; ``not_run`` rows count for nothing."""
    return tuple(
        _step(step, [row for row in submission.requirements if row.step == step])
        for step in dict.fromkeys(row.step for row in submission.requirements)
    )


def first_to_do(submission: SubmissionResult) -> RequirementResult | None:
    """The one requirement to work on next: the one that a failed apply explains, else the first that fails, in rubric order."""
    failing = unmet(submission)
    apply_error = next((note for note in submission.notes if note.startswith(NOT_CREATED)), "")
    explained = (row for row in failing if row.observed and row.observed in apply_error)
    return next(explained, next(iter(failing), None))


def unmet(submission: SubmissionResult) -> tuple[RequirementResult, ...]:
    """The rows that fail, in rubric order."""
    return tuple(row for row in submission.requirements if row.status is Status.FAIL)


WITHOUT_A_MARK = "Without a mark, by a fault of the grader or the engine"


def apart(
    submissions: Sequence[SubmissionResult],
) -> tuple[tuple[SubmissionResult, ...], tuple[SubmissionResult, ...]]:
    """Those that have a score, and those that have none, each in their order: no list of marks mixes them."""
    return (
        tuple(one for one in submissions if one.score is not None),
        tuple(one for one in submissions if one.score is None),
    )


def uniform(submission: SubmissionResult) -> bool:
    """Whether every row that was asked for has the same status for the same reason, as when the files could not be read at all."""
    asked = {(row.status, row.message) for row in submission.requirements if row.status is not Status.NOT_RUN}
    return submission.status in (SubmissionStatus.UNGRADABLE, SubmissionStatus.ERROR) and len(asked) == 1


def _step(step: str, rows: Sequence[RequirementResult]) -> Step:
    counted = [row for row in rows if row.status is not Status.NOT_RUN]
    broken = any(row.earned is None for row in counted)
    return Step(
        id=step,
        title=step_title(step),
        earned=None if broken else sum(row.earned or 0 for row in counted),
        points=sum(row.points for row in counted),
        rows=tuple(rows),
    )
