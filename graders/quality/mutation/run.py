"""``lab self-test --mutate``: makes the mutants, grades them by the one road, and compares with their labels."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from graders.batch.events import OnEvent
from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from graders.model import Depth
from graders.quality.mutation import sampling
from graders.quality.mutation.judging import Figures, Judged, explanations, judge
from graders.quality.mutation.model import Mutator
from graders.quality.mutation.mutants import MUTATORS, make, write
from graders.quality.mutation.sampling import Sizes
from graders.rubric import registry
from lab_env.errors import UsageError
from lab_env.events import ignore
from lab_env.submission import SubmissionRef
from lab_env.temporary import temporary_directory


def run(
    config: RunConfig = RunConfig(),
    *,
    seed: int | None = None,
    sizes: Sizes = sampling.CI,
    only: Collection[str] = (),
    on_event: OnEvent = ignore,
) -> Figures:
    """Grade some mutants of each mutator at static and at plan depth, and a sample deployed.

    :param config: its depth is how far to go; ``plan`` deploys nothing.
    :param seed: what the samples are picked by; today's date when left out.
    :param only: names of mutators; all there are when left out.
    :raises UsageError: there is no mutator of a name in ``only``.
    :raises RubricError: a mutator or an explanation names something that is not there.
    :raises EngineError, TerraformError: there is no engine, Terraform or provider.
    """
    rubric = registry()
    explained = explanations([mutator.name for mutator in MUTATORS])
    chance = sampling.seed_of_today() if seed is None else seed
    every = make(mutators=_named(only))
    planned = sampling.at_plan(every, chance, sizes)
    chosen = {
        Depth.STATIC: planned,
        Depth.PLAN: planned,
        Depth.FULL: sampling.deployed(every, chance, rubric, sizes),
    }
    judged: list[Judged] = []
    for each in sampling.DEPTHS[: sampling.DEPTHS.index(config.depth) + 1]:
        with temporary_directory("mutants") as directory:
            refs = [SubmissionRef(mutant.name, write(mutant, directory)) for mutant in chosen[each]]
            results = grade_many(refs, config.model_copy(update={"depth": each}), on_event=on_event)
        pairs = zip(chosen[each], results.submissions, strict=True)
        judged += [judge(mutant, result, each, rubric) for mutant, result in pairs]
    return Figures(tuple(judged), chance, explained)


def _named(only: Collection[str]) -> tuple[Mutator, ...]:
    """The mutators of these names."""
    known = [mutator.name for mutator in MUTATORS]
    for name in only:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            raise UsageError(
                f"There is no mutator named {name}.",
                next_step=f"Did you mean {near[0]}?" if near else "docs/mutation.md lists them.",
            )
    return tuple(mutator for mutator in MUTATORS if not only or mutator.name in only)
