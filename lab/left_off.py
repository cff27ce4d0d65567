"""Where a learner left off: the rubric's steps with the last verdict on each requirement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graders.assignment import Rules
    from graders.report.marks import Mark
    from graders.rubric import Rubric
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
    earned: float
    points: float
    seen: tuple[Seen, ...]


def steps(known: Progress, rules: Rules | None = None) -> tuple[StepSeen, ...]:
    """List all steps, in the rubric's order.

    :param rules: what is asked of this learner; the standard lesson when left out.
    """
    from graders.assignment import Rules
    from graders.rubric import registry

    return tuple(_steps(known, registry(rules or Rules())))


def _steps(known: Progress, rubric: Rubric) -> Iterator[StepSeen]:
    from graders.model import Status
    from graders.report.marks import MARKS, step_title

    for step in rubric.steps:
        rows = [one for one in rubric.requirements if one.step == step]
        seen: list[Seen] = []
        earned: float = 0
        for one in rows:
            verdict = known.verdicts.get(one.id)
            status = Status(verdict.status) if verdict and verdict.status in list(Status) else Status.NOT_RUN
            # A verdict on files that have changed since is shown, and shown as old.
            seen.append(Seen(one.id, MARKS[status], verdict is not None and verdict.digest != known.digest))
            earned += one.points if status is Status.PASS else 0
        yield StepSeen(step, step_title(step), earned, sum(one.points for one in rows), tuple(seen))
