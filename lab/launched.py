"""What a launch of the task came to, in sentences: the same in the terminal and in a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from lab_env.text import one_line

if TYPE_CHECKING:
    from lab_env.ecs_agent import LaunchReport
    from lab_env.engine import Account, Engine

_SLACK = timedelta(seconds=5)
"""A trail's clock may be coarser than ours."""

NOTHING_TO_LAUNCH = "The module has no task definition to launch."


def headline(name: str, report: LaunchReport) -> str:
    """Tell whether the task of this name started."""
    return f"Task {one_line(name)}: {'started' if report.ok else 'did not start'}."


def findings(report: LaunchReport) -> Iterator[str]:
    """Say what was decided on the way and what the containers saw, a sentence each; never a value."""
    if report.role_arn:
        yield f"Execution role: {one_line(report.role_arn)}"
    if report.trust is not None:
        yield f"May ECS tasks assume it: {_yes_or_no(report.trust.allowed)}, {one_line(report.trust.explanation)}"
    if report.decrypt is not None:
        yield f"May it decrypt: {_yes_or_no(report.decrypt.allowed)}, {one_line(report.decrypt.explanation)}"
    for view in report.containers:
        kind = "essential" if view.essential else "not essential"
        for variable in view.injected:
            yield f"Container {one_line(view.name)} ({kind}) sees {one_line(variable)}, as its stand-in found."
    if report.ok and not report.containers:
        yield "No container takes anything from a secret."
    if report.error:
        container = f" (container {one_line(report.container)})" if report.container else ""
        yield f"Stopped reason{container}: {one_line(report.error)}"


def trail(engine: Engine, account: Account, report: LaunchReport) -> Iterator[str]:
    """Say what the engine's trail has of the launch's session, a sentence a read; nothing where there is no trail."""
    from lab_env.engine.trail import lookup_trail

    key = report.session_access_key_id
    if key is None or "trail" not in engine.capabilities:
        return
    window = {"start": report.started - _SLACK, "end": report.ended + _SLACK}
    reads = lookup_trail(account, **window, access_key_id=key, name="GetSecretValue")
    for event in reads:
        time = event.time.astimezone(UTC).strftime("%H:%M:%S")
        named = next((str(value) for name, value in event.parameters.items() if name.lower() == "secretid"), "a secret")
        yield f"Trail, {time} UTC: this task's session read {one_line(named)}."
    if not reads:
        yield "Trail: this task's session has read no secret."


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"
