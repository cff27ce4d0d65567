"""``lab grade``: one submission or a class, with reports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lab import options


def grade(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH", help="A submission (directory, archive, notebook) or a class.")
    ],
    depth: options.Depth = options.DepthName.FULL,
    json: options.Json = None,
    html: options.Html = None,
    csv: options.Csv = None,
    junit: options.Junit = None,
    sarif: options.Sarif = None,
    feedback: options.Feedback = None,
    similarity: options.Similarity = None,
    policy: options.Policy = None,
    roster: options.Roster = None,
    match: options.Match = None,
    assignment: options.Assignment = None,
    anonymous: options.Anonymous = None,
    jobs: options.Jobs = None,
    engine: options.Engine = "embedded",
    cluster: options.Cluster = None,
    plain: options.Plain = False,
    no_cache: options.NoCache = False,
    as_: options.As = None,
) -> None:
    """Grade one submission or a whole class; a run that was cut off goes on where it was."""
    from graders.report import terminal
    from lab import running, screen

    reports = running.Reports(
        json=json, html=html, csv=csv, junit=junit, sarif=sarif, similarity=similarity, feedback=feedback
    )
    reports.check()
    config = running.settings(
        depth=depth.value,
        engine=engine,
        jobs=jobs,
        plain=plain,
        cluster=cluster,
        no_cache=no_cache,
        asked=assignment,
    )
    refs = running.named(running.found(paths), config.assignment) if as_ is None else running.one_hand_in(paths, as_)
    marking = running.Marking.read(policy, anonymous, refs, config, running.ClassList(roster, match))
    results = running.grade(
        refs,
        config,
        marking=marking,
        ledger=running.ledger_path(refs, depth, json),
        write=lambda results: reports.write(results, marking.refs(refs)),
    )
    console = screen.output()
    terminal.print_class(console, results)
    if len(results.submissions) == 1:
        (ref,) = marking.refs(refs)
        terminal.print_cards(console, results.submissions[0], running.quotes_of(results.submissions[0], ref))
    reports.tell(console, results)
    raise typer.Exit(running.exit_code(results))
