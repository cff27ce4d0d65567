"""A mutant's label beside what the rubric said of it, and the figures over many. Pure: nothing is graded here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field, RootModel

from graders.model import Depth, Status, SubmissionResult, SubmissionStatus
from graders.quality.mutation.model import EVERYTHING, Mutant
from graders.rubric import Rubric
from lab_env.errors import RubricError
from lab_env.tables import toml_table

EXPLANATIONS = Path(__file__).with_name("survivors.toml")
LEAST_KILL_RATE = 0.99


class _Explanations(RootModel[dict[str, dict[str, Annotated[str, Field(min_length=20)]]]]):
    """Reasons by mutator and requirement."""


@dataclass(frozen=True)
class Judged:
    """What became of one mutant at one depth.

    :param killed: ids that had to fail and did.
    :param survived: ids that had to fail and did not, with the status they got instead.
    :param kept: ids that were not to be touched and were not.
    :param false_fails: ids that were not to be touched and got this status.
    :param error: why there is no verdict at all, when there is none.
    """

    mutant: Mutant
    depth: Depth
    killed: frozenset[str] = frozenset()
    survived: Mapping[str, Status] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()
    false_fails: Mapping[str, Status] = field(default_factory=dict)
    error: str | None = None


def judge(mutant: Mutant, result: SubmissionResult, depth: Depth, rubric: Rubric) -> Judged:
    """Compare a mutant's label with its verdicts.

    A requirement counts at a depth that gathers its layer. An untouched one must be ``pass``; one that needs (the rubric
    declares it, over any number of steps) what the mutant broke may be ``blocked`` or ``not_run`` instead, never ``fail``.
    """
    if result.status is SubmissionStatus.ERROR or any(r.status is Status.ERROR for r in result.requirements):
        why = next((f"{r.id}: {r.observed}" for r in result.requirements if r.status is Status.ERROR), "")
        return Judged(mutant, depth, error=result.reason or why)
    mutator = mutant.mutator
    seen = {r.id for r in rubric.requirements if r.layer in depth.layers}
    statuses = {row.id: row.status for row in result.requirements if row.id in seen}
    wanted = {id: status for id, status in statuses.items() if id in mutator.fail}
    survived = {id: status for id, status in wanted.items() if status is not Status.FAIL}
    if EVERYTHING in mutator.may:
        # No valid module: nothing earns a point. Without a plan this depth cannot know that.
        others = {id: s for id, s in statuses.items() if s is Status.PASS and id not in wanted}
        if Depth.STATIC is not depth:
            survived |= others
        return Judged(mutant, depth, frozenset(wanted.keys() - survived.keys()), survived)
    downstream = _downstream(rubric, mutator.fail | mutator.may)
    false_fails, kept = {}, set()
    for id, status in statuses.items():
        if id in mutator.fail or id in mutator.may:
            continue
        if status is Status.PASS or (id in downstream and status in (Status.BLOCKED, Status.NOT_RUN)):
            kept.add(id)
        else:
            false_fails[id] = status
    return Judged(mutant, depth, frozenset(wanted.keys() - survived.keys()), survived, frozenset(kept), false_fails)


def _downstream(rubric: Rubric, broken: Iterable[str]) -> frozenset[str]:
    """Ids that need one of ``broken``, over any number of steps."""
    reached = set(broken)
    growing = True
    while growing:
        more = {r.id for r in rubric.requirements if reached.intersection(r.needs)} - reached
        reached |= more
        growing = bool(more)
    return frozenset(reached)


@dataclass(frozen=True)
class Count:
    """``part`` of ``whole``; :attr:`rate` is None where there is nothing to count."""

    part: int
    whole: int

    @property
    def rate(self) -> float | None:
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True)
class Figures:
    """Everything judged in one run, and what was explained beforehand.

    :param explained: reason by mutator's name and requirement id.
    """

    judged: tuple[Judged, ...]
    seed: int
    explained: Mapping[tuple[str, str], str]

    def at(self, depth: Depth) -> tuple[Judged, ...]:
        return tuple(one for one in self.judged if one.depth is depth)

    def kills(self, depth: Depth, id: str | None = None) -> Count:
        """Killed of those that had to fail; of one requirement, or of all."""
        killed = sum(len(j.killed & {id} if id else j.killed) for j in self.at(depth))
        survived = sum((id in j.survived) if id else len(j.survived) for j in self.at(depth))
        return Count(killed, killed + survived)

    def false_fails(self, depth: Depth, id: str | None = None) -> Count:
        """Wrongly not passed of those that had to stay as they were."""
        wrong = sum((id in j.false_fails) if id else len(j.false_fails) for j in self.at(depth))
        kept = sum(len(j.kept & {id} if id else j.kept) for j in self.at(depth))
        return Count(wrong, wrong + kept)

    @cached_property
    def survivors(self) -> tuple[tuple[Judged, str], ...]:
        """Every survivor with the requirement that let it live."""
        return tuple((j, id) for j in self.judged for id in j.survived)

    @cached_property
    def unexplained(self) -> tuple[tuple[Judged, str], ...]:
        return tuple((j, id) for j, id in self.survivors if (j.mutant.mutator.name, id) not in self.explained)

    @cached_property
    def problems(self) -> tuple[str, ...]:
        """Why this run does not pass, a sentence each; none when it does."""
        said = [f"{j.mutant.name} at {j.depth}: no verdict: {j.error}" for j in self.judged if j.error]
        for j, id in self.unexplained:
            said.append(
                f"{j.mutant.name} at {j.depth}: {id} is {j.survived[id]}, must be fail; no explanation is committed"
            )
        for j in self.judged:
            said += [f"{j.mutant.name} at {j.depth}: {id} is {s}, must be pass" for id, s in j.false_fails.items()]
        for depth in dict.fromkeys(j.depth for j in self.judged):
            count = self.kills(depth)
            if count.rate is not None and count.rate < LEAST_KILL_RATE:
                said.append(f"the kill rate at {depth} is {count.part} of {count.whole}, below {LEAST_KILL_RATE:.0%}")
        return tuple(said)

    @property
    def ok(self) -> bool:
        return not self.problems


def explanations(known: Sequence[str], path: Path = EXPLANATIONS) -> dict[tuple[str, str], str]:
    """The committed reasons why survivors survive, by mutator and requirement.

    :param known: the mutators' names.
    :raises RubricError: one names a mutator that there is not, or gives no reason.
    """
    explained = toml_table(path.read_text(encoding="utf-8"), _Explanations, path.name).root
    for name in explained:
        if name not in known:
            raise RubricError(
                f"{path.name} explains {name}, which is no mutator.", next_step="Take it out, or correct the name."
            )
    return {(name, id): reason for name, reasons in explained.items() for id, reason in reasons.items()}
