"""``lab down``: ends the embedded engine."""

from __future__ import annotations

from typing import Annotated

import typer


def down(
    purge: Annotated[bool, typer.Option("--purge", help="Remove its log and what was deployed on it, too.")] = False,
) -> None:
    """Stop the embedded engine. Its accounts live in its memory, so what was deployed ends with it."""
    from lab import deployment, screen
    from lab_env import engine

    console = screen.output()
    stopped = engine.stop(purge=purge)
    # A state file belongs to one run of the engine: without it, it describes nothing.
    deployment.forget_all()
    console.print("The embedded engine is stopped." if stopped else "The embedded engine was not running.")
