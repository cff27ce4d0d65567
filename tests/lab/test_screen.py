"""What is printed is text, whoever chose the words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rich.console import Console
from rich.table import Table

from lab import screen

ODD = "[/red] [bold]x[/bold] :skull: \x1b[2J\x1b]0;title\x07 \u202e%s {0}"


@pytest.mark.parametrize("made", [screen.output, screen.errors])
def test_no_word_steers_the_terminal(made: Callable[[], Console], capsys: pytest.CaptureFixture[str]) -> None:
    """Do markup and escapes in a path or an id appear as they are, in a line and in a table?"""
    console = made()
    console.print(f"Written: {ODD}")
    table = Table(ODD)
    table.add_row(ODD)
    console.print(table)
    said = "".join(capsys.readouterr())
    assert said.count("[/red] [bold]x[/bold] :skull: ⟨U+001B⟩[2J⟨U+001B⟩]0;title⟨U+0007⟩ ⟨U+202E⟩%s {0}") == 3
    assert not {"\x1b", "\x07", "\u202e"} & set(said)
