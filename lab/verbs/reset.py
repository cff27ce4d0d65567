"""``lab reset``: the starter's files again, in a fresh account; what was there is backed up first."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from lab import options
from lab_env.errors import UsageError


def reset(
    step: Annotated[str | None, typer.Argument(metavar="STEP", help="Only this step's files, such as kms.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    directory: options.Directory = None,
) -> None:
    """Put the starter's files back; yours are backed up."""
    from lab import assignment, deployment, rubric, screen, working_copy
    from lab.output import terminal

    root = working_copy.find(directory)
    if step is not None:
        rubric.checked_steps([step])
    fresh = working_copy.starter(step, assignment.rules(root).lesson)
    replaced = (
        working_copy.terraform_files(root)
        if step is None
        else [root / path for path in fresh if (root / path).is_file()]
    )
    if replaced and not yes:
        _ask(root, replaced)
    console = screen.output()
    if replaced:
        console.print(f"Backed up: {working_copy.back_up(root, replaced)}", soft_wrap=True)
        for path in replaced:
            path.unlink()
    for name, content in fresh.items():
        working_copy.write(root / name, content)
        console.print(f"Written: {name}", soft_wrap=True)
    deployment.forget(root)
    known = working_copy.load_progress(root)
    if known.checked:
        working_copy.save_progress(root, known.without(step))
    console.print("The next deployment gets a fresh account.", soft_wrap=True)
    # The lesson begins with the key, whatever comes first in the alphabet.
    first = next((path for path in fresh if path.endswith("/kms.tf")), next(iter(fresh)))
    terminal.say(
        console, f"Next: open {first}; `lab lesson` says what to write. Then lab check{f' {step}' if step else ''}"
    )


def _ask(root: Path, replaced: Sequence[Path]) -> None:
    from lab_env.text import counted, one_line

    shown = ", ".join(one_line(str(path.relative_to(root))) for path in replaced[:8])
    more = f" and {len(replaced) - 8} more" if len(replaced) > 8 else ""
    question = f"Replace {counted(len(replaced), 'file')} in {one_line(str(root))} ({shown}{more})? They are backed up."
    if not sys.stdin.isatty():
        raise UsageError(f"{question} There is nobody to ask.", next_step="Say --yes.")
    if not typer.confirm(question):
        raise typer.Exit(0)
