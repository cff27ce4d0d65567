"""``lab status``: whether the engine runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from lab_env.engine import EngineStatus


def status() -> None:
    """Show whether the engine runs, and what it can do."""
    from lab import screen
    from lab_env import engine

    console = screen.output()
    found = engine.status()
    if found.engine is None or not found.running:
        console.print("The embedded engine is not running; every verb that needs it starts it.", soft_wrap=True)
    else:
        _tell(console, "The embedded engine", found)
    ours = engine.localstack_status()
    if ours.running:
        _tell(console, "LocalStack", ours)


def _tell(console: Console, name: str, found: EngineStatus) -> None:
    if found.engine is None:
        return
    console.print(f"{name} {found.engine.version} runs at {found.engine.endpoint}.", soft_wrap=True)
    console.print(f"Can do: {', '.join(sorted(found.engine.capabilities)) or 'nothing beyond the plain API'}")
    if found.since is not None:
        started = datetime.fromtimestamp(found.since, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        console.print(f"Process {found.pid}, since {started}; log: {found.log}", soft_wrap=True)
