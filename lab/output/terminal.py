"""A view on the terminal, in the terminal's words and as wide as it is; and what is said while one waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lab.output.cards import Card, Mark
from lab.words import in_terminal

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

    from lab.output.view import View

_ENDLESS = 1 << 20
_STYLES = {"pass": "green", "fail": "bold red", "blocked": "yellow", "not_run": ""}


def show(console: Console, view: View) -> None:
    """Print a view; in a pipe each of its lines is one line."""
    lines = view.lines_in(console.width, in_terminal) if console.is_terminal else map(in_terminal, view.lines())
    mark = getattr(view, "mark", None)
    for number, line in enumerate(lines):
        style = "bold" if line.startswith("Next: ") else None
        if number == 0 and isinstance(mark, Mark):
            style = _STYLES[mark.kind]
        console.print(line, style=style, soft_wrap=True)


def say(console: Console, text: str, *, indent: int = 0, style: str | None = None) -> None:
    """Print a sentence: on a terminal on as many lines as it takes, no word parted."""
    from lab_env.text import one_line, wrapped

    width = console.width if console.is_terminal else _ENDLESS
    for line in wrapped(one_line(text), width, indent=indent):
        console.print(line, style=style, soft_wrap=True)


def rule(console: Console, text: str) -> None:
    """Print a line that parts what follows from what was before."""
    from lab_env.text import columns, one_line

    line = f"── {one_line(text)} "
    fill = "─" * max(2, console.width - columns(line)) if console.is_terminal else "──"
    if console.is_terminal and columns(line) > console.width - 2:
        say(console, line, style="bold")
        return
    console.print(f"{line}{fill}", style="bold", soft_wrap=True)


def put(console: Console, line: str) -> None:
    """Print a line as it is, columns and all; on a terminal on as many lines as it takes."""
    from lab_env.text import visible, wrapped

    text = in_terminal(visible(line).rstrip())
    before = len(text) - len(text.lstrip())
    width = console.width if console.is_terminal else _ENDLESS
    for part in wrapped(text.lstrip(), width, indent=before, hanging=min(before + 2, width // 2)):
        console.print(part, soft_wrap=True)


@contextmanager
def waiting(console: Console) -> Iterator[Callable[[str], None]]:
    """Take lines for people while something slow goes on.

    One that ends in ``…`` tells what begins: a terminal shows it until the next one comes. The others are notes, and stay.

    :param console: standard error.
    """
    status: Status | None = None
    notes: list[str] = []

    def note(line: str) -> None:
        nonlocal status
        if not line.rstrip().endswith("…"):
            notes.append(line)
        elif not console.is_terminal:
            say(console, line)
        elif status is None:
            status = console.status(_fitted(line, console.width))
            status.start()
        else:
            status.update(_fitted(line, console.width))

    try:
        yield note
    finally:
        if status is not None:
            status.stop()
        for line in notes:
            say(console, f"Note: {line}")


def exit_code(card: Card) -> int:
    """Choose 1 where the card says that something is not as it should be, else 0."""
    return 1 if card.mark is not None and card.mark.kind == "fail" else 0


class Passing:
    """A live output in a terminal: what goes on is said while one waits, and what came of it is kept to be shown afterwards.

    :param note: as :func:`waiting` gives it.
    """

    def __init__(self, note: Callable[[str], None]) -> None:
        self._note = note
        self.shown: View | None = None

    def passing(self, view: View) -> None:
        """Say what is going on, where the view tells it."""
        steps = getattr(view, "steps", ())
        phase = f"{steps[-1].address}: {steps[-1].text} …" if steps else str(getattr(view, "phase", ""))
        if phase:
            self._note(phase if phase.endswith("…") else f"{phase} …")

    def show(self, view: View) -> None:
        """Keep what came of it."""
        self.shown = view


def _fitted(line: str, width: int) -> str:
    """One line of a terminal beside the sign that moves."""
    from lab_env.text import columns, one_line

    text = one_line(line)
    while columns(text) > width - 4 and " " in text:
        text = f"{text.removesuffix(' …').rpartition(' ')[0]} …"
    return text
