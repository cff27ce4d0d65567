"""``lab predict``: the questions of the course, answered before one runs what shows the answer."""

from __future__ import annotations

from typing import Annotated

import typer

from lab import options


def predict(
    id_: Annotated[
        str | None, typer.Argument(metavar="ID", help="A question, such as which-role; all are listed without.")
    ] = None,
    letter: Annotated[str | None, typer.Argument(metavar="LETTER", help="Your answer.")] = None,
    directory: options.Directory = None,
) -> None:
    """Ask a question of the course, or answer it; nothing of this earns points."""
    from lab import assignment, screen, working_copy
    from lab.drills.questions import answer, load_predictions, overview_card, question, question_card
    from lab.output import terminal

    root = working_copy.find(directory)
    if id_ is None:
        card = overview_card(load_predictions(root))
    else:
        asked = question(id_, assignment.rules(root).lesson)
        card = question_card(asked) if letter is None else answer(root, asked, letter)
    terminal.show(screen.output(), card)
