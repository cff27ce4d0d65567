"""``lab leaks``: where a credential lies open, and where a planted value went."""

from __future__ import annotations

from typing import Annotated

import typer

from lab import options


def leaks(
    beside: Annotated[
        str | None,
        typer.Argument(metavar="DIRECTORY", help="Look through this one below the working copy instead."),
    ] = None,
    plant: Annotated[
        bool,
        typer.Option("--plant", help="Rotate the secret to a value that later scans know, so that a leak is proved."),
    ] = False,
    directory: options.Directory = None,
    engine: options.Engine = "embedded",
    plain: options.Plain = False,
) -> None:
    """Look for credentials in files, state, plans, notebooks and the Git history; exit code 1 when one is found."""
    from lab import screen
    from lab.drills import planted
    from lab.drills.leaks import directory_scan, inside, leaks_card, planted_card, workspace_scan
    from lab.drills.live import look
    from lab.output import terminal
    from lab.session.session import in_working_copy
    from lab_env.errors import UsageError

    if plant and beside is not None:
        raise UsageError("--plant takes no directory.", next_step="Run lab leaks --plant, then lab leaks DIRECTORY.")
    with in_working_copy(directory, engine, plain=plain) as session, terminal.waiting(screen.errors()) as note:
        root = session.place.root
        if plant:
            card = planted_card(planted.plant(root, look(session, note)), planted.REMEMBERED)
        elif beside is not None:
            card = leaks_card(directory_scan(inside(root, beside), planted.canaries(root, session)))
        else:
            found = workspace_scan(
                session.place.files, root, session.deployment_directory(), planted.canaries(root, session)
            )
            card = leaks_card(found)
    terminal.show(screen.output(), card)
    raise typer.Exit(terminal.exit_code(card))
