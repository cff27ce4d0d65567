"""Which mutants are graded how deep: every mutator every time, on solutions that rotate with the seed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from graders.model import Depth, Layer
from graders.quality.mutation.model import Mutant
from graders.rubric import Rubric


@dataclass(frozen=True)
class Sizes:
    """How many are graded.

    :param planned: solutions for each mutator at static and at plan depth.
    :param planned_rewrites: the same for each equivalent rewrite.
    :param deployed: mutants that are deployed: as things are, one of each mutator whose label only full depth sees.
    :param deployed_rewrites: equivalents that are deployed.
    """

    planned: int = 5
    planned_rewrites: int = 9
    deployed: int = 38
    deployed_rewrites: int = 21


CI = Sizes()
MUTANTS_IN_CI, EQUIVALENTS_IN_CI = 300, 150
"""What a run is worth its name for: so many with a label that plan depth can see, at least."""
PUBLISHED_SEED = 1
"""Of the figures in docs/mutation.md, so that the same rubric writes the same page."""


def seed_of_today() -> int:
    """Another sample every day, the same one all day (UTC)."""
    return datetime.now(UTC).date().toordinal()


def at_plan(mutants: Sequence[Mutant], seed: int, sizes: Sizes = CI) -> tuple[Mutant, ...]:
    """Some of each mutator."""
    chosen: set[str] = set()
    for name, group in _groups(mutants):
        wanted = sizes.planned_rewrites if group[0].mutator.equivalent else sizes.planned
        chosen |= {m.name for m in Random(f"{seed} plan {name}").sample(group, min(wanted, len(group)))}  # noqa: S311 - a sample
    return tuple(m for m in mutants if m.name in chosen)


def deployed(mutants: Sequence[Mutant], seed: int, rubric: Rubric, sizes: Sizes = CI) -> tuple[Mutant, ...]:
    """One for each requirement that only full depth sees, as far as a mutator breaks it, then what chance picks."""
    random = Random(f"{seed} full")  # noqa: S311 - a sample
    only_here = [r.id for r in rubric.requirements if r.layer in (Layer.DEPLOYED, Layer.BEHAVIOUR)]
    mutated = [m for m in mutants if m.mutator.fail & set(only_here)]
    picked: dict[str, Mutant] = {}
    for id in only_here:
        if not any(id in m.mutator.fail for m in picked.values()):
            candidates = [m for m in mutated if id in m.mutator.fail]
            if candidates:
                one = random.choice(candidates)
                picked[one.name] = one
    used = {m.mutator.name for m in picked.values()}
    rest = [random.choice(group) for name, group in _groups(mutated) if name not in used]
    random.shuffle(rest)
    for one in rest[: max(0, sizes.deployed - len(picked))]:
        picked[one.name] = one
    rewrites = [random.choice(group) for _, group in _groups([m for m in mutants if m.mutator.equivalent])]
    random.shuffle(rewrites)
    for one in rewrites[: sizes.deployed_rewrites]:
        picked[one.name] = one
    return tuple(m for m in mutants if m.name in picked)


def _groups(mutants: Iterable[Mutant]) -> list[tuple[str, list[Mutant]]]:
    """The mutants of each mutator, in order."""
    groups: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        groups.setdefault(mutant.mutator.name, []).append(mutant)
    return list(groups.items())


DEPTHS: tuple[Depth, ...] = (Depth.STATIC, Depth.PLAN, Depth.FULL)
