"""``lab terraform``: plan, apply, show or destroy on the learner's files and practice account."""

from __future__ import annotations

from typing import Annotated

import typer

from lab import options


def terraform(
    command: Annotated[
        str, typer.Argument(metavar="COMMAND", help="plan, apply, show or destroy.", show_default=False)
    ] = "",
    directory: options.Directory = None,
    engine: options.Engine = "embedded",
    plain: options.Plain = False,
) -> None:
    """Run Terraform on your files and your practice account: plan, apply, show or destroy."""
    from lab import screen
    from lab.output import terminal
    from lab.session.session import in_working_copy
    from lab.terraform import runs

    runs.check_command(command)
    refused = False
    with in_working_copy(directory, engine, plain=plain) as session, terminal.waiting(screen.errors()) as note:
        live = terminal.Passing(note)
        try:
            runs.run(session, command, live)
        except runs.TerraformRefusedError:
            if live.shown is None:
                raise
            refused = True  # what is wrong is in the view, each at its line
    if live.shown is not None:
        terminal.show(screen.output(), live.shown)
    raise typer.Exit(1 if refused else 0)
