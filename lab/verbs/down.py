"""``lab down``: ends the engines that we started."""

from __future__ import annotations

from typing import Annotated

import typer


def down(
    purge: Annotated[bool, typer.Option("--purge", help="Remove its log and what was deployed on it, too.")] = False,
) -> None:
    """Stop the embedded engine, and our LocalStack. Accounts live in their memory, so what was deployed ends with them."""
    from lab import deployment, screen
    from lab_env import engine

    console = screen.output()
    stopped = engine.stop(purge=purge)
    # A state file belongs to one run of the engine: without it, it describes nothing.
    deployment.forget_all()
    if "localstack" in stopped:
        console.print("LocalStack is stopped.")
    if "embedded" in stopped:
        console.print("The embedded engine is stopped.")
    elif not stopped:
        console.print("The embedded engine was not running.")
