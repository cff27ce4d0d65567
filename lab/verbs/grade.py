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
    jobs: options.Jobs = None,
    engine: options.Engine = "embedded",
    plain: options.Plain = False,
) -> None:
    """Grade one submission or a whole class."""
    from graders.report import terminal
    from lab import running, screen
    from lab_env.submission import find_submissions

    reports = running.Reports(json=json, html=html, csv=csv)
    reports.check()
    refs = running.one_of_each([ref for path in paths for ref in find_submissions(path)])
    results = running.grade(refs, depth=depth.value, engine=engine, jobs=jobs, plain=plain)
    reports.write(results, refs)
    console = screen.output()
    terminal.print_class(console, results)
    if len(results.submissions) == 1:
        terminal.print_cards(console, results.submissions[0], running.files_of(results.submissions[0], refs[0]))
    for path in (json, html, csv):
        if path is not None:
            console.print(f"Written: {path}", soft_wrap=True)
    raise typer.Exit(running.exit_code(results))
