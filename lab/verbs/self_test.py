"""``lab self-test``: the rubric against the corpus, whose verdicts were written down before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lab import options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graders.self_test import SelfTest, Verdict


def self_test(
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="NAME", help="Only this case; may be given several times.")
    ] = None,
    jobs: options.Jobs = None,
    engine: options.Engine = "embedded",
    plain: options.Plain = False,
    json: options.Json = None,
) -> None:
    """Hold the rubric against its known solutions."""
    from graders.self_test import run
    from lab import running, screen

    reports = running.Reports(json=json)
    reports.check()
    with running.shown() as told:
        tested = run(
            engine_spec=engine,
            jobs=jobs,
            plain=plain,
            only=tuple(dict.fromkeys(only or ())),
            on_progress=told.progress,
            on_notice=told.notice,
        )
    reports.write(tested.results, ())
    console = screen.output()
    for line in lines(tested):
        console.print(line, soft_wrap=True)
    raise typer.Exit(0 if tested.ok else 1)


def lines(tested: SelfTest) -> Iterator[str]:
    """Each case, expected and found; where they differ, a line for each difference; how many agree; what to do next."""
    from graders.report.text import one_line

    for verdict in tested.verdicts:
        symbol = "✓ agrees " if verdict.ok else "✗ differs"
        yield f"{symbol}  {verdict.case.name}: expected {_expected(verdict)}; found {_found(verdict)}"
        for difference in verdict.disagreements:
            yield f"             {one_line(difference)}"
    wrong = [verdict.case.name for verdict in tested.verdicts if not verdict.ok]
    yield f"{len(tested.verdicts) - len(wrong)} of {len(tested.verdicts)} cases agree."
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
