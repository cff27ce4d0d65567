"""``lab as-role``: what the execution role may and may not do."""

from __future__ import annotations

from typing import Annotated

import typer

from lab import options


def as_role(
    actions: Annotated[
        list[str] | None,
        typer.Argument(metavar="ACTION", help="Such as kms:Decrypt or kms:Describe*; the lesson's when left out."),
    ] = None,
    directory: options.Directory = None,
    engine: options.Engine = "embedded",
    plain: options.Plain = False,
) -> None:
    """Try each action as the deployed task's execution role; exit code 1 when it may do too little or too much."""
    from lab import screen
    from lab.drills.as_role import ask_as_role, known_actions, matrix_card
    from lab.drills.live import look
    from lab.output import terminal
    from lab.session.session import in_working_copy

    known_actions(actions or [])
    with in_working_copy(directory, engine, plain=plain) as session, terminal.waiting(screen.errors()) as note:
        card = matrix_card(ask_as_role(look(session, note), actions or []))
    terminal.show(screen.output(), card)
    raise typer.Exit(terminal.exit_code(card))
