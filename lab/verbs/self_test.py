"""``lab self-test``: the rubric against the corpus, whose verdicts were written down before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lab import options
from lab_env.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graders.batch.events import Event
    from graders.batch.run_config import RunConfig
    from graders.quality.mutation.judging import Figures
    from graders.quality.self_test import SelfTest, Verdict


def self_test(
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="NAME", help="Only this case, or mutator; may be given several times."),
    ] = None,
    jobs: options.Jobs = None,
    engine: options.Engine = "embedded",
    plain: options.Plain = False,
    json: options.Json = None,
    mutate: Annotated[
        bool, typer.Option("--mutate", help="Change the right solutions in ways whose meaning is known, instead.")
    ] = False,
    depth: options.Depth = options.DepthName.FULL,
    assignment: options.Assignment = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="N", help="What --mutate picks its samples by; today's when left out."),
    ] = None,
    page: Annotated[
        Path | None, typer.Option("--page", metavar="FILE", help="Write the figures of --mutate as Markdown.")
    ] = None,
) -> None:
    """Hold the rubric against its known solutions, or with --mutate against changes of them."""
    from graders.batch.run_config import RunConfig
    from lab import running, screen

    try:
        from graders.quality.self_test import run
    except ModuleNotFoundError:
        raise UsageError(
            "The self-test is a tool for authors of the rubric and is not in the installed package.",
            next_step="Run it in a checkout of the project.",
        ) from None

    config = RunConfig.of(depth=depth.value, engine=engine, jobs=jobs, plain=plain)
    if mutate:
        if json:
            raise UsageError("--mutate takes no --json.", next_step="Ask for --page FILE.")
        if assignment is not None:
            raise UsageError(
                "--mutate changes the right solutions of the standard lesson and takes no --assignment.",
                next_step="Leave one of them out.",
            )
        if page and only:
            raise UsageError("--page is of all mutators, --only of some.", next_step="Leave one of them out.")
        _mutate(config, only=tuple(only or ()), seed=seed, page=page)
    if page is not None or seed is not None:
        raise UsageError("--page and --seed belong to --mutate.", next_step="Add --mutate.")

    if assignment is not None:
        if json or only:
            raise UsageError(
                "--assignment tries all cases of its packages and says here what came of it: it takes no --json and no --only.",
                next_step="Leave them out.",
            )
        _own(assignment, config)
    reports = running.Reports(json=json)
    reports.check()
    with running.shown() as on_event:
        tested = run(config, only=tuple(dict.fromkeys(only or ())), on_event=on_event)
    reports.write(tested.results, ())
    console = screen.output()
    for line in lines(tested):
        console.print(line, soft_wrap=True)
    raise typer.Exit(0 if tested.ok else 1)


def _own(file: Path, config: RunConfig) -> None:
    from graders.quality.own_cases import run
    from lab import running, screen
    from lab_env.text import one_line

    asked = running.assignment(file)
    assert asked is not None  # noqa: S101 - a file was named
    with running.shown() as on_event:
        tried = run(asked, config, on_event=on_event)
    console = screen.output()
    for one in tried:
        symbol = "✗ differs" if one.disagreements else "✓ agrees "
        console.print(f"{symbol}  {one.package}: {one.name}", soft_wrap=True)
        for line in one.disagreements:
            console.print(f"             {one_line(line)}", soft_wrap=True)
    wrong = sum(bool(one.disagreements) for one in tried)
    console.print(f"{len(tried) - wrong} of {len(tried)} cases agree.", soft_wrap=True)
    raise typer.Exit(1 if wrong else 0)


def _mutate(config: RunConfig, *, only: tuple[str, ...], seed: int | None, page: Path | None) -> None:
    from graders.quality.mutation.page import document
    from graders.quality.mutation.run import run
    from lab import running, screen
    from lab_env.events import Notice
    from lab_env.files import write_output

    running.Reports(html=page).check()
    with running.shown() as on_event:

        def hear(event: Event) -> None:
            # A thousand submissions in a log tell nobody anything.
            if screen.errors().is_terminal or isinstance(event, Notice):
                on_event(event)

        figures = run(config, seed=seed, only=only, on_event=hear)
    if page is not None:
        write_output(page, document(figures))
    console = screen.output()
    for line in mutation_lines(figures):
        console.print(line, soft_wrap=True)
    raise typer.Exit(0 if figures.ok else 1)


def mutation_lines(figures: Figures) -> Iterator[str]:
    """Tell the figures with their denominators, each explained survivor, each problem, and what to do next."""
    from graders.quality.mutation.page import summary
    from lab_env.text import one_line

    yield f"Seed {figures.seed}."
    yield from summary(figures)
    for judged, id in figures.survivors:
        reason = figures.explained.get((judged.mutant.mutator.name, id))
        if reason is not None:
            yield one_line(f"survives, explained: {judged.mutant.name} at {judged.depth}: {id}: {reason}")
    for problem in figures.problems:
        yield one_line(f"✗ {problem}")
    if figures.ok:
        yield "Every mutant that had to fail did, or is explained; nothing right lost a point."
    else:
        yield f"Next: mend the rubric or the mutator's meaning, then lab self-test --mutate --seed {figures.seed}"


def lines(tested: SelfTest) -> Iterator[str]:
    """Tell each case, expected and found; where they differ, a line for each difference; how many agree; what to do next."""
    from lab_env.text import one_line

    for verdict in tested.verdicts:
        symbol = "✓ agrees " if verdict.ok else "✗ differs"
        beyond = f"; {verdict.beyond} points beyond its own lines" if verdict.beyond else ""
        yield f"{symbol}  {verdict.case.name}: expected {_expected(verdict)}; found {_found(verdict)}{beyond}"
        for difference in verdict.disagreements:
            yield f"             {one_line(difference)}"
    wrong = [verdict.case.name for verdict in tested.verdicts if not verdict.ok]
    yield f"{len(tested.verdicts) - len(wrong)} of {len(tested.verdicts)} cases agree."
    mistakes = sum(v.case.kind == "mistake" and "module.valid" not in v.case.fail for v in tested.verdicts)
    if mistakes:
        yield f"{tested.beyond} points lost beyond the failing lines of {mistakes} mistakes."
    if wrong:
        yield f"Next: lab self-test {' '.join(f'--only {name}' for name in wrong)}"


def _expected(verdict: Verdict) -> str:
    case = verdict.case
    if case.fail:
        return f"{case.status}, fail {' '.join(case.fail)}"
    full = case.kind in ("reference", "alternative")
    return f"{case.status}, {'all points' if full else 'no points'}"


def _found(verdict: Verdict) -> str:
    result = verdict.result
    failed = " ".join(row.id for row in result.requirements if row.status.value == "fail")
    score = "no score" if result.score is None else f"{result.score}/{result.max_score}"
    return f"{result.status.value}, {score}" + (f", fail {failed}" if failed else "")
