"""``lab verify``: is what a mark rests on still what is here, and is the mark what the run wrote down?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lab import options

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graders.assignment import Assignment
    from graders.marking.verify import Verification
    from graders.model import Results
    from lab_env.submission import SubmissionRef


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
    as_: options.As = None,
) -> None:
    """Recompute digests and the ledger's chain, and say what changed since a grading."""
    from graders.marking.verify import verify as compare
    from graders.report import json_report
    from lab import running, screen

    beside = running.ledger_beside(results)
    then, asked = json_report.load(results), running.assignment(assignment)
    found = compare(
        then,
        _refs(then, paths or (), asked, as_),
        ledger=ledger or (beside if beside.is_file() else None),
        policy=policy,
        assignment=asked,
    )
    console = screen.output()
    for line in lines(found):
        console.print(line, soft_wrap=True)
    raise typer.Exit(0 if found.ok else 1)


def _refs(then: Results, paths: Sequence[Path], asked: Assignment | None, as_: str | None) -> tuple[SubmissionRef, ...]:
    """Find the submissions, called as they were when they were graded."""
    from graders.marking.policy import handed_in_nothing
    from lab import running

    if as_ is not None:
        return running.one_hand_in(paths, as_)
    if not paths:
        return ()
    refs = running.named(running.found(paths), asked)
    graded = [one.id for one in then.submissions if not handed_in_nothing(one)]
    # One result and one submission are of each other, whatever `--as` or a name of another time has called it: the digest tells
    # whether it is the same.
    return (replace(refs[0], id=graded[0]),) if len(refs) == len(graded) == 1 else refs


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
