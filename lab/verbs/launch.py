"""``lab launch``: starts the learner's task the way the ECS agent does, with stand-ins for its containers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from lab import options

if TYPE_CHECKING:
    from lab_env.ecs_agent import LaunchReport


def launch(
    directory: options.Directory = None, engine: options.Engine = "embedded", plain: options.Plain = False
) -> None:
    """Start your task the way the ECS agent does."""
    from graders.report.progress import Progress
    from lab import deployment, screen, working_copy
    from lab_env import ecs_agent

    root = working_copy.find(directory)
    with Progress(screen.errors(), 1) as progress:
        deployed = deployment.deploy(root, engine_spec=engine, plain=plain, note=progress.note)
    console = screen.output()
    if not deployed.task_definitions:
        console.print("The module has no task definition to launch.")
        console.print("Next: lab hint ecs.secret_reference")
        raise typer.Exit(1)
    well = True
    for arn in deployed.task_definitions:
        report = ecs_agent.launch(deployed.engine, deployed.account, arn)
        well = well and report.ok
        for line in told(arn.rpartition("/")[2], report):
            console.print(line, soft_wrap=not console.is_terminal)
    raise typer.Exit(0 if well else 1)


def told(name: str, report: LaunchReport) -> Iterator[str]:
    """What happened, a sentence a line; never a value."""
    from graders.report.text import one_line

    yield f"Task {one_line(name)}: {'started' if report.ok else 'did not start'}."
    if report.role_arn:
        yield f"  Execution role: {one_line(report.role_arn)}"
    if report.trust is not None:
        yield f"  May ECS tasks assume it: {_yes_or_no(report.trust.allowed)}, {one_line(report.trust.explanation)}"
    if report.decrypt is not None:
        yield f"  May it decrypt: {_yes_or_no(report.decrypt.allowed)}, {one_line(report.decrypt.explanation)}"
    for view in report.containers:
        kind = "essential" if view.essential else "not essential"
        for variable in view.injected:
            yield f"  Container {one_line(view.name)} ({kind}) sees {one_line(variable)}, as its stand-in found."
    if report.ok and not report.containers:
        yield "  No container takes anything from a secret."
    if report.error:
        container = f" (container {one_line(report.container)})" if report.container else ""
        yield f"  Stopped reason{container}: {one_line(report.error)}"
        yield "Next: lab check ecs iam --depth full"


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"
