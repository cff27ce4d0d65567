"""``lab rotate``: a new password in the deployed secret, as a person in the console would write it."""

from __future__ import annotations

from lab import options


def rotate(
    directory: options.Directory = None, engine: options.Engine = "embedded", plain: options.Plain = False
) -> None:
    """Rotate the deployed secret's password; the new one is shown nowhere."""
    from lab import screen
    from lab.drills.live import look
    from lab.drills.rotation import rotate as rotated
    from lab.drills.rotation import rotation_card
    from lab.output import terminal
    from lab.session.session import in_working_copy

    with in_working_copy(directory, engine, plain=plain) as session, terminal.waiting(screen.errors()) as note:
        card = rotation_card(rotated(look(session, note)))
    terminal.show(screen.output(), card)
