"""``lab trail``: who read the secret, by the engine's trail."""

from __future__ import annotations

from lab import options


def trail(
    directory: options.Directory = None, engine: options.Engine = "embedded", plain: options.Plain = False
) -> None:
    """Show who read the deployed secret, by the trail."""
    from lab import screen
    from lab.drills.live import look
    from lab.drills.readers import reads_of_secret, trail_card
    from lab.output import terminal
    from lab.session.session import in_working_copy

    with in_working_copy(directory, engine, plain=plain) as session, terminal.waiting(screen.errors()) as note:
        live = look(session, note)
        card = trail_card(live, reads_of_secret(live))
    terminal.show(screen.output(), card)
