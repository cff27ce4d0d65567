"""``lab launch``: starts the learner's task the way the ECS agent does, with stand-ins for its containers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import typer

from lab import options

if TYPE_CHECKING:
    from lab_env.ecs_agent import LaunchReport


def launch(
    directory: options.Directory = None, engine: options.Engine = "embedded", plain: options.Plain = False
) -> None:
    """Start your task the way the ECS agent does."""
    from graders.report.progress import ProgressDisplay
    from lab import deployment, launched, screen, working_copy
    from lab_env import ecs_agent
    from lab_env.terraform import find_toolchain

    root = working_copy.find(directory)
    with ProgressDisplay(screen.errors(), 1) as progress:
        deployed = deployment.deploy(root, engine_spec=engine, plain=plain, note=progress.note)
    console = screen.output()
    if not deployed.task_definitions:
        console.print(launched.NOTHING_TO_LAUNCH)
        console.print("Next: lab hint ecs.secret_reference")
        raise typer.Exit(1)
    well, sandbox = True, find_toolchain().sandbox
    for arn in deployed.task_definitions:
        report = ecs_agent.launch(deployed.engine, deployed.account, arn, sandbox=sandbox)
        well = well and report.ok
        trail = launched.trail(deployed.engine, deployed.account, report)
        for line in told(arn.rpartition("/")[2], report, tuple(trail)):
            console.print(line, soft_wrap=not console.is_terminal)
    raise typer.Exit(0 if well else 1)


def told(name: str, report: LaunchReport, trail: Sequence[str] = ()) -> Iterator[str]:
    """Tell what happened, a line each; never a value. ``trail``: what the trail has of it."""
    from lab import launched

    yield launched.headline(name, report)
    for finding in (*launched.findings(report), *trail):
        yield f"  {finding}"
    if report.error:
        yield "Next: lab check ecs iam --depth full"
