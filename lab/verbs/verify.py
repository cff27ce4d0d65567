"""``lab verify``: is what a mark rests on still what is here, and is the mark what the run wrote down?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lab import options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graders.marking.verify import Verification


def verify(
    results: Annotated[Path, typer.Argument(metavar="RESULTS.json", help="What `lab grade --json` wrote.")],
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH", help="The class, or its submissions, as they were graded.")
    ] = None,
    ledger: Annotated[
        Path | None,
        typer.Option("--ledger", metavar="FILE", help="The run's ledger; the one beside RESULTS.json when left out."),
    ] = None,
    policy: options.Policy = None,
    assignment: options.Assignment = None,
) -> None:
    """Recompute digests and the ledger's chain, and say what changed since a grading."""
    from graders.marking.verify import verify as compare
    from graders.report import json_report
    from lab import running, screen

    beside = running.ledger_beside(results)
    found = compare(
        json_report.load(results),
        running.found(paths) if paths else (),
        ledger=ledger or (beside if beside.is_file() else None),
        policy=policy,
        assignment=running.assignment(assignment),
    )
    console = screen.output()
    for line in lines(found):
        console.print(line, soft_wrap=True)
    raise typer.Exit(0 if found.ok else 1)


def lines(found: Verification) -> Iterator[str]:
    """Tell what was compared, a line each; what changed; what could not be compared."""
    from lab_env.text import one_line

    symbols = {True: "✓ same      ", False: "✗ changed   ", None: "- not known "}
    for finding in found.findings:
        yield f"{symbols[finding.same]} {finding.subject}: {one_line(finding.text)}"
    changed = list(dict.fromkeys(f.subject for f in found.findings if f.same is False))
    unknown = list(dict.fromkeys(f.subject for f in found.findings if f.same is None))
    if changed:
        yield f"Changed: {', '.join(changed)}. Next: lab regrade RESULTS.json PATH --diff says which marks move by it."
    else:
        rest = f"; not compared: {', '.join(unknown)}" if unknown else ""
        yield f"Nothing that was compared has changed{rest}."
