"""``lab down``: ends the engines that we started."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lab_env.engine import EngineStatus

_NAMES = {"embedded": "The embedded engine", "localstack": "LocalStack"}


def down(
    purge: Annotated[
        bool, typer.Option("--purge", help="Remove everything that the lab keeps of learners' work, too.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Also while a run uses it, and those of other installations of the lab.")
    ] = False,
) -> None:
    """Stop the embedded engine, and our LocalStack. Accounts live in their memory, so what was deployed ends with them."""
    from lab import deployment, screen
    from lab_env import engine

    console = screen.output()
    if not everything:
        for one in (engine.status(), engine.localstack_status()):
            _spare(one)
    stopped = engine.stop(purge=purge, everything=everything)
    # A state file belongs to one run of the engine: without it, it describes nothing.
    deployment.forget_all()
    for name in reversed(stopped):
        console.print(f"{_NAMES[name]} is stopped.")
    if not stopped:
        console.print("The embedded engine was not running.")
    if purge:
        _purge()
    for one in engine.other_engines():
        if one.engine is not None:
            console.print(
                f"{_NAMES[one.engine.name]} {one.engine.version} of another installation of the lab goes on at "
                f"{one.engine.endpoint}; it ends when nobody uses it. To end it now: lab down --all",
                soft_wrap=True,
            )


def _purge() -> None:
    """Remove what is kept, and say what stays."""
    from lab import screen, traces
    from lab_env.submission.limits import size_text
    from lab_env.text import counted

    console = screen.output()
    for gone in traces.remove():
        console.print(
            f"Removed: {gone.trace.what} ({counted(gone.files, 'file')}, {size_text(gone.size)}, in {gone.trace.path}).",
            soft_wrap=True,
        )
    console.print(
        "What was written where somebody asked for it stays: reports with their ledgers, a course's directory, working copies.",
        soft_wrap=True,
    )


def _spare(found: EngineStatus) -> None:
    """Refuse to stop an engine that runs use: they would start another at once, and begin again what they were at."""
    from lab_env.engine.shared import listed
    from lab_env.errors import UsageError

    if found.engine is not None and found.users:
        raise UsageError(
            f"{_NAMES[found.engine.name]} is in use by {listed(found.users)}.",
            next_step="End that first or wait until it is done; lab down --all ends the engine under it.",
        )
