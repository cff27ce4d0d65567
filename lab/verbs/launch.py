"""``lab launch``: starts the learner's task the way the ECS agent does, with stand-ins for its containers."""

from __future__ import annotations

import typer

from lab import options


def launch(
    directory: options.Directory = None, engine: options.Engine = "embedded", plain: options.Plain = False
) -> None:
    """Deploy what changed and start your task the way the ECS agent does; exit code 1 when it does not start."""
    from lab import screen
    from lab.drills.launching import launch_all, launch_card
    from lab.drills.live import deploy
    from lab.output import terminal
    from lab.session.session import in_working_copy

    with in_working_copy(directory, engine, plain=plain) as session, terminal.waiting(screen.errors()) as note:
        launched = launch_all(deploy(session, note))
    console = screen.output()
    for one in launched:
        terminal.show(console, launch_card(one))
    raise typer.Exit(0 if all(one.report.ok for one in launched) else 1)
