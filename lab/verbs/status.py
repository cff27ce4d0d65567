"""``lab status``: whether the engine runs."""

from __future__ import annotations

from datetime import UTC, datetime


def status() -> None:
    """Show whether the engine runs, and what it can do."""
    from lab import screen
    from lab_env import engine

    console = screen.output()
    found = engine.status()
    if found.engine is None or not found.running:
        console.print("The embedded engine is not running; every verb that needs it starts it.", soft_wrap=True)
        return
    console.print(f"The embedded engine {found.engine.version} runs at {found.engine.endpoint}.", soft_wrap=True)
    console.print(f"Can do: {', '.join(sorted(found.engine.capabilities)) or 'nothing beyond the plain API'}")
    if found.since is not None:
        started = datetime.fromtimestamp(found.since, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        console.print(f"Process {found.pid}, since {started}; log: {found.log}", soft_wrap=True)
