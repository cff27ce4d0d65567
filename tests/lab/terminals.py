"""A terminal of 80 columns for the console script: what stands on its screen, and what did not fit."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

COLUMNS, ROWS = 80, 50
_SEQUENCE = re.compile(r"\x1b(?:\[([0-9;?]*)([A-Za-z])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[=>78])")
_LAB = "from lab.cli import main; main()"


@dataclass
class Screen:
    """A terminal, as far as our output needs one: lines, the cursor, erasing; colours are passed over.

    :param overflowed: every line on which a character came after the last column, at the time it came.
    """

    columns: int = COLUMNS
    lines: list[list[str]] = field(default_factory=lambda: [[]])
    row: int = 0
    column: int = 0
    overflowed: list[str] = field(default_factory=list)

    def feed(self, text: str) -> None:
        place = 0
        while place < len(text):
            if found := _SEQUENCE.match(text, place):
                self._obey(found[1] or "", found[2] or "")
                place = found.end()
                continue
            self._put(text[place])
            place += 1

    @property
    def text(self) -> str:
        return "\n".join("".join(line).rstrip() for line in self.lines).strip("\n")

    @property
    def words(self) -> list[str]:
        return self.text.split()

    def _put(self, character: str) -> None:
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self.row += 1
            if self.row == len(self.lines):
                self.lines.append([])
        elif character >= " ":
            line = self.lines[self.row]
            line += [" "] * (self.column + 1 - len(line))
            line[self.column] = character
            self.column += 1
            if self.column > self.columns:
                self.overflowed.append("".join(line))

    def _obey(self, numbers: str, command: str) -> None:
        if command == "A":
            self.row = max(0, self.row - int(numbers or 1))
        elif command == "K" and numbers == "2":
            self.lines[self.row] = []
        elif command == "J":
            del self.lines[self.row + 1 :]


@dataclass(frozen=True)
class Ran:
    """What one command left on the screen."""

    code: int
    screen: Screen

    @property
    def text(self) -> str:
        return self.screen.text


def on_a_terminal(*words: object, cwd: Path, env: Mapping[str, str] = {}, columns: int = COLUMNS) -> Ran:
    """Run ``lab WORDS`` on a terminal of its own, with both of its streams there."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("COLUMNS", "LINES", "NO_COLOR", "LAB_WORKSPACE")
    }
    process = subprocess.Popen(
        [sys.executable, "-c", _LAB, *map(str, words)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=cwd,
        env={**kept, "TERM": "xterm-256color", "PAGER": "cat", **env},
        start_new_session=True,
    )
    os.close(theirs)
    said = b""
    try:
        while chunk := os.read(ours, 65536):
            said += chunk
    except OSError:  # Linux's way to say that nobody holds the other end any more
        pass
    finally:
        os.close(ours)
    screen = Screen(columns)
    screen.feed(said.decode("utf-8", "replace"))
    return Ran(process.wait(timeout=60), screen)


def broken_words(screen: Screen, whole: str) -> list[str]:
    """The words on the screen that are none of a text's; a part of one that is longer than a line is no such word.

    Where a table does not fit, its headers stand in each row, with a colon behind, a hyphen before the row and dots between.
    """
    # A table's rules are as long as its columns are wide.
    known = {word.strip(":") for word in [*whole.split(), "-", "·"]}
    long = [word for word in known if len(word) > screen.columns - 12]
    found = [word.strip(":") for word in screen.words]
    found = [word for word in found if word.strip("-")]
    return [word for word in found if word not in known and not any(word in other for other in long)]
