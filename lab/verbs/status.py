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
    embedded, localstack = engine.status(), engine.localstack_status()
    if embedded.engine is None:
        console.print("The embedded engine is not running; every verb that needs it starts it.", soft_wrap=True)
    for name, found in (("The embedded engine", embedded), ("LocalStack", localstack)):
        _tell(console, name, found)
    for found in engine.other_engines():
        kind = found.engine.name if found.engine is not None else ""
        _tell(console, f"Of another installation of the lab: {kind}", found)


def _tell(console: Console, name: str, found: EngineStatus) -> None:
    if found.engine is None:
        return
    place = f"{name} {found.engine.version}"
    if found.running:
        console.print(f"{place} runs at {found.engine.endpoint}.", soft_wrap=True)
        console.print(f"Can do: {', '.join(sorted(found.engine.capabilities)) or 'nothing beyond the plain API'}")
    else:
        # Its process is there, and was asked: busy, hanging, or just being started.
        console.print(f"{place} does not answer at {found.engine.endpoint or 'an address yet'}.", soft_wrap=True)
    if found.since is not None:
        console.print(f"Process {found.pid}, since {_time(found.since)}; log: {found.log}", soft_wrap=True)
    for user in found.users:
        console.print(f"In use by {user} since {_time(user.since)}.", soft_wrap=True)


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
