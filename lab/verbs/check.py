"""``lab check``: verdicts on the working copy, and the one next step."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lab import options

if TYPE_CHECKING:
    from collections.abc import Callable

    from graders.batch.run_config import RunConfig
    from graders.model import RequirementResult, SubmissionResult
    from lab_env.submission import SubmissionRef

_POLL_S = 0.4
_NAMED = 3
"""Changed files that the mark of a run names; of more it says how many."""
_BEGINS = {"kms": 1, "secret": 2, "rotation": 3, "ecs": 4, "iam": 4, "runtime": 4}
"""The lesson in which each step is written; all begins with the key."""


def check(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="STEP_OR_ID", help="Only these, such as kms or kms.rotation."),
    ] = None,
    depth: Annotated[
        options.DepthName | None,
        typer.Option(
            "--depth",
            help="How far to go: static reads the files, plan plans them too, full deploys them and runs the drills. "
            "As far as it takes for a verdict on all that is asked for, when left out.",
        ),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Check again whenever a file changes, until Ctrl-C.")] = False,
    directory: options.Directory = None,
    assignment: options.Assignment = None,
    engine: options.Engine = "embedded",
    plain: options.Plain = False,
) -> None:
    """Check your working copy, and say what to do next.

    Files first, then the plan, then the deployment: as long as what was seen passes and there is more to see. Exit code 0 only when
    all that was asked for was looked at and passes.
    """
    from graders.batch.run_config import RunConfig
    from lab import assignment as assignments
    from lab import checking, screen, working_copy
    from lab.output import terminal

    root = working_copy.find(directory)
    asked = assignments.read(root, file=assignment)
    ids = checking.asked_ids(words or [], asked.rules("") if asked is not None else None)

    def config(depth: str) -> RunConfig:
        return RunConfig.of(depth=depth, engine=engine, jobs=1, plain=plain, assignment=asked)

    console = screen.output()
    seen = _stamp(root)
    if watch:
        terminal.rule(console, f"{_now()}  first look")
    code = _check_once(root, words or [], ids, depth.value if depth else None, config)
    if watch:
        try:
            while True:
                terminal.say(console, "Watching for changes; Ctrl-C ends.")
                while (now := _stamp(root)) == seen:
                    time.sleep(_POLL_S)
                terminal.rule(console, f"{_now()}  {changes(seen, now)}")
                seen = now
                code = _check_once(root, words or [], ids, depth.value if depth else None, config)
        except KeyboardInterrupt:
            console.print()
    raise typer.Exit(code)


def _check_once(
    root: Path, words: Sequence[str], ids: Collection[str], asked: str | None, config: Callable[[str], RunConfig]
) -> int:
    from graders.report import terminal as report
    from graders.report.marks import uniform
    from lab import checking, running, screen, working_copy
    from lab.output import terminal
    from lab_env.submission import SubmissionRef

    ref = SubmissionRef(root.name or "working-copy", root)
    submission, depth = _look(ref, ids, asked, config)
    code, lines = verdict(submission, ids, depth=depth, words=words)
    progress = working_copy.load_progress(root).after(
        submission,
        depth=depth,
        checked=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        next_step=_begin(words) if checking.nothing_yet(submission) else report.next_step(submission),
    )
    working_copy.save_progress(root, progress)

    console = screen.output()
    if not uniform(submission) and not checking.nothing_yet(submission):
        report.print_cards(console, submission, running.quotes_of(submission, ref), ids)
    elif submission.notes:
        for note in submission.notes:
            terminal.say(console, f"Note: {note}")
    for line in lines:
        terminal.say(console, line, style="bold" if line.startswith("Next: ") else None)
    return code


def _look(
    ref: SubmissionRef, ids: Collection[str], asked: str | None, config: Callable[[str], RunConfig]
) -> tuple[SubmissionResult, str]:
    """Find the verdicts, and how deep they go: as deep as was asked for, else as deep as is worth while."""
    from lab import checking, running

    def grade(depth: str) -> SubmissionResult:
        return running.grade([ref], config(depth)).submissions[0]

    if asked is not None:
        return grade(asked), asked
    result = grade("static")
    wanted = ids or {row.id for row in result.requirements}
    if checking.nothing_yet(result) or not checking.may_be_planned(result) or not _more(result, wanted):
        return result, "static"
    result = grade("plan")
    return (grade("full"), "full") if checking.goes_on(result, wanted) else (result, "plan")


def _more(result: SubmissionResult, ids: Collection[str]) -> bool:
    """Tell whether a deeper look shows more of what was asked for."""
    return any(row.id in ids and row.status.value in ("not_run", "blocked") for row in result.requirements)


def verdict(
    submission: SubmissionResult, ids: Collection[str], *, depth: str, words: Sequence[str] = ()
) -> tuple[int, list[str]]:
    """Say what came of it: the exit code, the score, and what to do next.

    :param ids: what was asked for; everything without.
    :param words: as it was asked for.
    """
    from graders.report import terminal
    from lab import checking
    from lab_env.text import one_line

    rows = [row for row in submission.requirements if not ids or row.id in ids]
    looked_at = [row for row in rows if row.status.value != "not_run"]
    again = " ".join(["lab check", *words])
    if checking.nothing_yet(submission):
        return 1, ["The module has no resource yet: this is where everybody begins.", *_next(_begin(words))]
    if submission.status.value != "graded":
        reason = f"{submission.status.value.capitalize()}: {one_line(submission.reason or 'no reason given')}"
        return (4 if submission.status.value == "error" else 1), [reason, *_next(terminal.next_step(submission))]
    if not looked_at:
        what = f"Nothing of {' and '.join(words)}" if words else "Nothing"
        if depth == "full":
            return 1, [
                f"{what} can be seen on this engine.",
                *_next("use the embedded engine: `lab check` without --engine."),
            ]
        return 1, [f"{what} can be seen at depth {depth}.", *_next(f"`{again}` without --depth looks deeper.")]
    passed = sum(1 for row in looked_at if row.status.value == "pass")
    hidden = [row.id for row in rows if row.status.value == "not_run"]
    lines = [f"{passed} of {len(looked_at)} pass, {_points(looked_at)} points{_hidden(hidden, depth)}."]
    if any(row.status.value == "error" for row in looked_at):
        return 4, lines
    if passed < len(looked_at):
        first = checking.first_to_fix(looked_at, submission)
        if first is not None and first.status.value == "not_run":
            return 1, [*lines, *_next(f"`{again}` without --depth looks deeper.")]
        return 1, [*lines, *_next(terminal.step_to(first) if first else terminal.next_step(submission))]
    if checking.not_looked_at(rows, full=depth == "full"):
        return 1, [*lines, *_next(f"`{again}` without --depth looks at those, too: it deploys and runs the drills.")]
    return 0, lines


def changes(before: Stamp, after: Stamp) -> str:
    """Name what is not as it was: ``modules/secrets/kms.tf changed``."""
    told = list(_changes(before, after))
    more = [f"and {len(told) - _NAMED} more"] if len(told) > _NAMED else []
    return ", ".join([*told[:_NAMED], *more])


Stamp = Mapping[str, tuple[int, int]]
"""Of each file its size and time, by path."""


def _changes(before: Stamp, after: Stamp) -> Iterator[str]:
    for path in sorted(before.keys() | after.keys()):
        if path not in before:
            yield f"{path} is new"
        elif path not in after:
            yield f"{path} is gone"
        elif before[path] != after[path]:
            yield f"{path} changed"


def _now() -> str:
    return datetime.now().astimezone().strftime("%H:%M:%S")


def _begin(words: Sequence[str]) -> str:
    """Say the one thing to do where nothing is written yet."""
    from lab import working_copy

    step = next((word.partition(".")[0] for word in words if word.partition(".")[0] in _BEGINS), "kms")
    file = f"modules/secrets/{working_copy.FILES[step][0]}.tf"
    return f"write {file}; `lab lesson {_BEGINS[step]}` says what belongs there. Then `lab check {step}`."


def _points(rows: Sequence[RequirementResult]) -> str:
    return f"{sum(row.earned or 0 for row in rows)} of {sum(row.points for row in rows)}"


def _hidden(ids: Sequence[str], depth: str) -> str:
    """Say what was not looked at, by name where that is short."""
    from lab_env.text import listed

    if not ids:
        return ""
    named = listed(ids) if len(ids) <= _NAMED else f"{len(ids)} more"
    verb = "is" if len(ids) == 1 else "are"
    if depth == "full":
        return f"; {named} cannot be seen on this engine"
    return f"; {named} {verb} not looked at yet (depth {depth})"


def _next(step: str | None) -> list[str]:
    return [f"Next: {step}"] if step else []


def _stamp(root: Path) -> Stamp:
    """Note what tells a changed working copy from an unchanged one: names, sizes and times of its files."""
    from lab_env.submission.model import TEXT_SUFFIXES

    found: dict[str, tuple[int, int]] = {}
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if path.suffix not in (".tf", ".ipynb", ".tfvars", *TEXT_SUFFIXES) or any(
            part.startswith(".") for part in relative.parts
        ):
            continue
        try:
            status = path.stat()
        except OSError:
            continue
        found[relative.as_posix()] = (status.st_size, status.st_mtime_ns)
    return found
