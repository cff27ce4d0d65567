"""``lab check``: verdicts on the working copy, and the one next step."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lab import options

if TYPE_CHECKING:
    from graders.batch.run_config import RunConfig
    from graders.model import RequirementResult, SubmissionResult

_POLL_S = 0.4


def check(
    steps: Annotated[list[str] | None, typer.Argument(metavar="STEP", help="Only these steps, such as kms.")] = None,
    depth: options.Depth = options.DepthName.PLAN,
    watch: Annotated[bool, typer.Option("--watch", help="Check again whenever a file changes, until Ctrl-C.")] = False,
    directory: options.Directory = None,
    assignment: options.Assignment = None,
    engine: options.Engine = "embedded",
    plain: options.Plain = False,
) -> None:
    """Check your working copy, and say what to do next."""
    from graders.batch.run_config import RunConfig
    from lab import assignment as assignments
    from lab import rubric, screen, working_copy

    root = working_copy.find(directory)
    asked = assignments.read(root, file=assignment)
    only = rubric.checked_steps(steps or [], asked.rules("") if asked is not None else None)
    config = RunConfig.of(depth=depth.value, engine=engine, jobs=1, plain=plain, assignment=asked)
    code = _check_once(root, only, config)
    if watch:
        console = screen.output()
        try:
            while True:
                seen = _stamp(root)
                console.print("Watching for changes; Ctrl-C ends.", soft_wrap=True)
                while _stamp(root) == seen:
                    time.sleep(_POLL_S)
                code = _check_once(root, only, config)
        except KeyboardInterrupt:
            console.print()
    raise typer.Exit(code)


def _check_once(root: Path, only: frozenset[str], config: RunConfig) -> int:
    from graders.report import terminal
    from graders.report.marks import uniform
    from lab import running, screen, working_copy
    from lab_env.submission import SubmissionRef
    from lab_env.text import one_line

    ref = SubmissionRef(root.name or "working-copy", root)
    depth = config.depth.value
    results = running.grade([ref], config)
    submission = results.submissions[0]
    next_step = terminal.next_step(submission)
    progress = working_copy.load_progress(root).after(
        submission, depth=depth, checked=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), next_step=next_step
    )
    working_copy.save_progress(root, progress)

    console = screen.output()
    if not uniform(submission):
        terminal.print_cards(console, submission, running.quotes_of(submission, ref), only)
    for note in submission.notes:
        console.print(f"Note: {one_line(note)}", soft_wrap=True)
    code, lines = verdict(submission, only, depth=depth)
    for line in lines:
        console.print(line, soft_wrap=True)
    return code


def verdict(submission: SubmissionResult, only: frozenset[str], *, depth: str) -> tuple[int, list[str]]:
    """Say what came of it: the exit code, the score, and what to do next."""
    from graders.report import terminal
    from lab_env.text import one_line

    rows = [row for row in submission.requirements if not only or row.step in only]
    looked_at = [row for row in rows if row.status.value != "not_run"]
    hidden = len(rows) - len(looked_at)
    if submission.status.value != "graded":
        reason = f"{submission.status.value.capitalize()}: {one_line(submission.reason or 'no reason given')}"
        return (4 if submission.status.value == "error" else 1), [reason, *_next(terminal.next_step(submission))]
    if not looked_at:
        what = f"Nothing of {' and '.join(sorted(only))}" if only else "Nothing"
        return 1, [f"{what} can be seen at depth {depth}.", *_next("`lab check --depth full`")]
    passed = sum(1 for row in looked_at if row.status.value == "pass")
    lines = [f"{passed} of {len(looked_at)} pass, {_points(looked_at)} points{_hidden(hidden, depth)}."]
    if any(row.status.value == "error" for row in looked_at):
        return 4, lines
    if passed < len(looked_at):
        first = next((row for row in looked_at if row.status.value == "fail"), None)
        step = terminal.step_to(first) if first else terminal.next_step(submission)
        return 1, [*lines, *_next(step)]
    if hidden and depth != "full":
        return 0, [*lines, *_next("`lab check --depth full` deploys it and runs the drills.")]
    return 0, lines


def _points(rows: list[RequirementResult]) -> str:
    return f"{sum(row.earned or 0 for row in rows)} of {sum(row.points for row in rows)}"


def _hidden(count: int, depth: str) -> str:
    return f"; {count} more cannot be seen at depth {depth}" if count else ""


def _next(step: str | None) -> list[str]:
    return [f"Next: {step}"] if step else []


def _stamp(root: Path) -> tuple[tuple[str, int, int], ...]:
    """Note what tells a changed working copy from an unchanged one: names, sizes and times of its files."""
    from lab_env.submission.model import TEXT_SUFFIXES

    found = []
    for path in sorted(root.rglob("*")):
        if path.suffix not in (".tf", ".ipynb", ".tfvars", *TEXT_SUFFIXES) or any(
            part.startswith(".") for part in path.relative_to(root).parts
        ):
            continue
        try:
            status = path.stat()
        except OSError:
            continue
        found.append((str(path), status.st_size, status.st_mtime_ns))
    return tuple(found)
