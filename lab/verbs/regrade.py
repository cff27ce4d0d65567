"""``lab regrade``: the same class again, and what moved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lab import options
from lab_env.errors import UsageError
from lab_env.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graders.marking.regrade import Difference


def regrade(
    old: Annotated[Path, typer.Argument(metavar="OLD.json", help="What `lab grade --json` wrote before.")],
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="The class, or its submissions.")],
    diff: Annotated[bool, typer.Option("--diff", help="List who moved, on which requirement, and why.")] = False,
    depth: options.Depth = options.DepthName.FULL,
    json: options.Json = None,
    html: options.Html = None,
    csv: options.Csv = None,
    jobs: options.Jobs = None,
    engine: options.Engine = "embedded",
    plain: options.Plain = False,
    cluster: options.Cluster = None,
    policy: options.Policy = None,
    roster: options.Roster = None,
    match: options.Match = None,
    assignment: options.Assignment = None,
    no_cache: options.NoCache = False,
) -> None:
    """Grade a class again and say what moved; kept evidence is judged again without Terraform.

    With --json a ledger lies beside the file, as `lab grade` leaves it: a run that was cut off goes on where it was, and `lab
    verify` has what it holds the marks against.
    """
    from graders.marking.regrade import compare
    from graders.report import json_report, terminal
    from lab import running, screen

    reports = running.Reports(json=json, html=html, csv=csv)
    reports.check()
    before = json_report.load(old)
    if before.assignment is not None and assignment is None:
        raise UsageError(
            f"{old} was graded by {one_line(before.assignment.name)}; without it the standard lesson would be asked for.",
            next_step="Name that file with --assignment.",
        )
    config = running.settings(
        depth=depth.value,
        engine=engine,
        jobs=jobs,
        plain=plain,
        cluster=cluster,
        no_cache=no_cache,
        asked=assignment,
    )
    refs = running.named(running.found(paths), config.assignment)
    results = running.grade(
        refs,
        config,
        marking=running.Marking.read(policy, None, refs, config, running.ClassList(roster, match, before)),
        ledger=running.ledger_beside(json) if json is not None else None,
        write=lambda results: reports.write(results, refs),
    )
    console = screen.output()
    difference = compare(before, results)
    if diff:
        for line in lines(difference):
            console.print(line, soft_wrap=True)
    else:
        terminal.print_class(console, results)
        moved = len({move.id for move in difference.moves})
        console.print(f"{moved} of {len(results.submissions)} submissions moved; --diff says who, on what and why.")
    reports.tell(console, results)
    raise typer.Exit(running.exit_code(results))


def lines(difference: Difference) -> Iterator[str]:
    """Tell the causes, then each submission that moved with its requirements."""
    yield from (one_line(cause) for cause in difference.causes)
    if not difference.moves:
        yield "Nobody moved."
        return
    for move in difference.moves:
        what = move.requirement or "as a whole"
        yield one_line(f"{move.id}  {what}: {move.old} -> {move.new}. {move.why}")
    yield f"{len({move.id for move in difference.moves})} moved."
