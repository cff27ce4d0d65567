"""The figures as a page for people: ``lab self-test --mutate --page docs/mutation.md``."""

from __future__ import annotations

from collections.abc import Iterator

from graders.model import Depth
from graders.quality.mutation.judging import LEAST_KILL_RATE, Count, Figures
from graders.quality.mutation.model import EVERYTHING, Mutator
from graders.quality.mutation.mutants import MUTATORS
from graders.rubric import registry

_HEAD = """# The rubric under mutation

Written by `lab self-test --mutate --seed {seed} --page docs/mutation.md`; edit `graders/quality/mutation/`, not this page.

CI grades another sample every day, says which (`--seed` repeats it), prints these totals and fails when a mutant survives
unexplained, when the kill rate is below {rate:.0%}, or when anything right loses a point.

A mutator changes a right solution (the reference and every alternative) in one way, on exact spans of its syntax, and says
beforehand which requirements must fail. An equivalent rewrite says the same in other words and must keep every point. The
labels are the mutators' own, in the second table; nobody looked at a verdict to write them.

**Killed**: of the requirements that had to fail, how many did. **False fails**: of the requirements that a mutant does not
touch, and of all requirements of an equivalent rewrite, how many were taken away all the same. A requirement counts at a depth
that gathers its layer: `static` reads the files, `plan` plans them, `full` deploys them. So what is `deployed` or `behaviour` is
judged on the deployed sample only, and its denominators are that sample's. A dash: nothing of the kind was asked there. No
mutator breaks `runtime.audit`: the drill itself is all that runs in the launch's window, and nothing that a module can write reads
the secret in it. That this line can fail is shown with a second reader at the engine (`tests/graders/rubric/test_teeth.py`).
"""


def document(figures: Figures) -> str:
    """The page: totals, a row for each requirement, a row for each mutator, the survivors."""
    head = _HEAD.format(seed=figures.seed, rate=LEAST_KILL_RATE)
    return (
        "\n".join([head, *_totals(figures), "", *_requirements(figures), "", *_mutators(), "", *_survivors(figures)])
        + "\n"
    )


def summary(figures: Figures) -> Iterator[str]:
    """For the terminal: a line for each depth, with its denominators."""
    for depth in _depths(figures):
        judged = figures.at(depth)
        rewrites = sum(j.mutant.mutator.equivalent for j in judged)
        kills, wrong = figures.kills(depth), figures.false_fails(depth)
        yield (
            f"{depth}: {len(judged) - rewrites} mutants, {rewrites} equivalents; killed {_of(kills)}; "
            f"false fails {wrong.part} of {wrong.whole}"
        )


def _depths(figures: Figures) -> list[Depth]:
    return [depth for depth in Depth if figures.at(depth)]


def _totals(figures: Figures) -> Iterator[str]:
    yield f"Seed {figures.seed}.\n"
    yield "| depth | mutants | equivalents | killed | false fails |"
    yield "|---|---:|---:|---:|---:|"
    for depth in _depths(figures):
        judged = figures.at(depth)
        rewrites = sum(j.mutant.mutator.equivalent for j in judged)
        wrong = figures.false_fails(depth)
        yield (
            f"| {depth} | {len(judged) - rewrites} | {rewrites} | {_of(figures.kills(depth))} | "
            f"{wrong.part} of {wrong.whole} |"
        )


def _requirements(figures: Figures) -> Iterator[str]:
    depths = _depths(figures)
    yield "## Each requirement\n"
    heads = [f"killed, {depth} | false fails, {depth}" for depth in depths]
    yield f"| id | layer | {' | '.join(heads)} |"
    yield f"|---|---|{'---:|---:|' * len(depths)}"
    for requirement in registry().requirements:
        cells = []
        for depth in depths:
            wrong = figures.false_fails(depth, requirement.id)
            cells += [
                _of(figures.kills(depth, requirement.id)),
                f"{wrong.part} of {wrong.whole}" if wrong.whole else "–",
            ]
        yield f"| `{requirement.id}` | {requirement.layer} | {' | '.join(cells)} |"


def _mutators() -> Iterator[str]:
    yield "## Each mutator\n"
    yield "| mutator | kind | meaning | must fail |"
    yield "|---|---|---|---|"
    for mutator in MUTATORS:
        yield f"| `{mutator.name}` | {mutator.kind} | {mutator.meaning} | {_must(mutator)} |"


def _must(mutator: Mutator) -> str:
    if mutator.equivalent:
        return "nothing"
    ids = ", ".join(f"`{id}`" for id in sorted(mutator.fail))
    return f"{ids}, and nothing earns a point" if EVERYTHING in mutator.may else ids


def _survivors(figures: Figures) -> Iterator[str]:
    yield "## Survivors\n"
    if not figures.survivors:
        yield "None."
    for judged, id in figures.survivors:
        reason = figures.explained.get((judged.mutant.mutator.name, id), "not explained")
        yield f"- `{judged.mutant.name}` at {judged.depth}: `{id}` was {judged.survived[id]}: {reason}"


def _of(count: Count) -> str:
    return f"{count.part} of {count.whole} ({count.part / count.whole:.1%})" if count.whole else "–"
