"""``lab diagram``: a picture of the deployment, said in lines."""

from __future__ import annotations

from typing import Annotated

import typer

from lab import options


def diagram(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="envelope, road, permissions or versions.", show_default=False)
    ] = "",
    directory: options.Directory = None,
    engine: options.Engine = "embedded",
    plain: options.Plain = False,
) -> None:
    """Show what is deployed: the envelope, the secret's road, the permissions, or the versions."""
    from lab import screen
    from lab.drills.diagrams import check_name, diagram_card
    from lab.drills.live import look
    from lab.output import terminal
    from lab.session.session import in_working_copy

    which = check_name(name)
    with in_working_copy(directory, engine, plain=plain) as session, terminal.waiting(screen.errors()) as note:
        card = diagram_card(look(session, note), which)
    terminal.show(screen.output(), card)
