"""Where a learner left off: the rubric's steps with the last verdict on each requirement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graders.report.marks import Mark
    from lab.working_copy import Progress


@dataclass(frozen=True)
class Seen:
    """The last verdict on one requirement. ``old``: it is about files that have changed since."""

    id: str
    mark: Mark
    old: bool

    @property
    def symbol(self) -> str:
        return self.mark.symbol + ("*" if self.old else "")


@dataclass(frozen=True)
class StepSeen:
    """One step of the rubric; ``earned`` are the points of what passed when it was last looked at."""

    id: str
    title: str
    earned: int
    points: int
    seen: tuple[Seen, ...]


def steps(known: Progress) -> tuple[StepSeen, ...]:
    """List all steps, in the rubric's order."""
    from graders.rubric import registry

    requirements = registry().requirements
    return tuple(_steps(known, dict.fromkeys(one.step for one in requirements)))


def _steps(known: Progress, names: dict[str, None]) -> Iterator[StepSeen]:
    from graders.model import Status
    from graders.report.marks import MARKS, step_title
    from graders.rubric import registry

    for step in names:
        rows = [one for one in registry().requirements if one.step == step]
        seen, earned = [], 0
        for one in rows:
            verdict = known.verdicts.get(one.id)
            status = Status(verdict.status) if verdict and verdict.status in list(Status) else Status.NOT_RUN
            # A verdict on files that have changed since is shown, and shown as old.
            seen.append(Seen(one.id, MARKS[status], verdict is not None and verdict.digest != known.digest))
            earned += one.points if status is Status.PASS else 0
        yield StepSeen(step, step_title(step), earned, sum(one.points for one in rows), tuple(seen))
