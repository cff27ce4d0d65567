"""``lab hint``: hints in levels, from where to look to nearly the answer."""

from __future__ import annotations

from typing import Annotated

import typer

from lab import options


def hint(
    id_: Annotated[str, typer.Argument(metavar="ID", help="A requirement, such as kms.rotation.")],
    level: Annotated[
        int | None, typer.Option("--level", min=1, max=3, help="1 to 3; the next one you have not seen when left out.")
    ] = None,
    directory: options.Directory = None,
) -> None:
    """Show the next hint for a requirement."""
    from lab import assignment, rubric, screen, working_copy
    from lab.output import terminal
    from lab.words import in_terminal

    root = working_copy.find(directory)
    requirement = rubric.requirement(id_, assignment.rules(root))
    progress = working_copy.load_progress(root)
    shown = level or min(3, progress.hints.get(id_, 0) + 1)
    working_copy.save_progress(root, progress.with_hint(id_, shown))
    console = screen.output()
    terminal.say(console, f"{requirement.title} ({requirement.id}, {requirement.points} points)")
    terminal.say(console, f"Hint {shown} of 3: {in_terminal(requirement.hints[shown - 1])}")
    if shown < 3:
        terminal.say(console, f"More: lab hint {requirement.id}")
