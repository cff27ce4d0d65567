"""A launch of the deployed task: did it start, does it see the current value, and what the trail has of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab.drills.live import NothingDeployedError
from lab.drills.readers import Read, reads_of_secret, reads_table
from lab.output.cards import NO, UNKNOWN, YES, Block, Card, Cell, Lines, Mark, Table
from lab_env.text import one_line

if TYPE_CHECKING:
    from lab.drills.live import LiveDeployment
    from lab_env.ecs_agent import LaunchReport


NOTHING_TO_LAUNCH = "The module has no task definition to launch."


@dataclass(frozen=True)
class Injected:
    """One variable that a container sees.

    :param source: the ``valueFrom`` it comes from.
    :param current: it is the same as the secret's current version has there; None when that cannot be told.
    """

    container: str
    variable: str
    source: str
    current: bool | None


@dataclass(frozen=True)
class Launched:
    """One launch. ``reads``: of the secret by this launch's session, by the trail; None where there is no trail."""

    name: str
    report: LaunchReport
    injected: tuple[Injected, ...]
    reads: tuple[Read, ...] | None


def launch_all(live: LiveDeployment) -> tuple[Launched, ...]:
    """Start every deployed task the way the ECS agent does, with stand-ins for its containers.

    :raises NothingDeployedError: there is no task definition.
    """
    if not live.deployed.tasks:
        raise NothingDeployedError(
            NOTHING_TO_LAUNCH,
            next_step="Write it as notebook 4 says, then %lab_check ecs.secret_reference --hint.",
        )
    return tuple(_launch(live, task.arn, task.containers) for task in live.deployed.tasks)


def launch_card(launched: Launched) -> Card:
    """Show what happened; never a value."""
    report = launched.report
    blocks: list[Block] = [Lines(tuple(findings(report)))]
    if launched.injected:
        blocks.append(_injected_table(launched.injected))
    if launched.reads:
        blocks.append(reads_table("The trail of this launch (UTC)", launched.reads))
    elif launched.reads is not None:
        blocks.append(Lines(("The trail has no read of the secret by this launch.",)))
    mark = Mark("✓", "started", "pass") if report.ok else Mark("✗", "did not start", "fail")
    lead = headline(launched.name, report)
    return Card(f"Launch of {launched.name}", lead, mark, tuple(blocks), _next_step(launched))


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


def _next_step(launched: Launched) -> str:
    if not launched.report.ok:
        return "%lab_check ecs iam"
    if any(one.current is False for one in launched.injected):
        return "Look at valueFrom: it names a fixed version or label, so the task does not follow a rotation."
    return "%rotate, then %launch again: only a new task gets the new value."


def _injected_table(injected: tuple[Injected, ...]) -> Table:
    marks: Mapping[bool | None, Mark] = {True: YES, False: NO, None: UNKNOWN}
    return Table(
        "What the containers see, compared by fingerprint",
        ("Variable", "Container", "Same as the current version", "From"),
        tuple(
            (
                Cell(one.variable, code=True),
                Cell(one.container, code=True),
                Cell(mark=marks[one.current]),
                Cell(one.source, code=True),
            )
            for one in injected
        ),
    )


def _launch(live: LiveDeployment, arn: str, containers: tuple[Mapping[str, Any], ...]) -> Launched:
    from lab_env import ecs_agent

    report = ecs_agent.launch(live.engine, live.account, arn, sandbox=live.sandbox)
    key = report.session_access_key_id
    # The trail first: comparing with the current version reads the secret as well.
    reads = None
    if "trail" in live.engine.capabilities and live.secret is not None:
        reads = reads_of_secret(live, access_key_id=key) if key else ()
    return Launched(arn.rpartition("/")[2], report, tuple(_compared(live, report, containers)), reads)


def _compared(
    live: LiveDeployment, report: LaunchReport, containers: tuple[Mapping[str, Any], ...]
) -> Iterator[Injected]:
    sources = {
        (container["name"], entry["name"]): str(entry["valueFrom"])
        for container in containers
        for entry in container.get("secrets") or ()
    }
    for view in report.containers:
        for variable, digest in view.injected.items():
            source = sources.get((view.name, variable), "")
            current = _current(live, source)
            yield Injected(view.name, variable, source, None if current is None else digest.matches(current))


def _current(live: LiveDeployment, source: str) -> str | None:
    """Find what the current version has at the place that ``valueFrom`` names; None when it has nothing there."""
    from botocore.exceptions import ClientError

    from lab_env.ecs_agent import AgentError, parse_value_from
    from lab_env.ecs_agent.value_from import extract

    try:
        reference = parse_value_from(source)
        answer = live.client("secretsmanager").get_secret_value(SecretId=reference.secret_id)
        return extract(answer.get("SecretString"), reference)
    except (AgentError, ClientError):
        return None


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"
