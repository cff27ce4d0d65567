"""Something that is wrong with a file, at the line that its writer sees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lab_env.advice import Advice
from lab_env.text import one_line, visible


@dataclass(frozen=True)
class Problem:
    """Something that is wrong with the file.

    :param where: in words, such as ``line 4 of this cell``.
    :param number: the line in the cell, from 1; None when it is about no line.
    :param quoted: that line's text.
    :param caret: before which character of it, from 0, where that is known.
    :param advice: what it usually means, and the line put right.
    """

    where: str
    text: str
    number: int | None = None
    quoted: str = ""
    caret: int | None = None
    advice: Advice | None = None

    def explained(self) -> Iterator[str]:
        """Give the advice in text, line by line."""
        if self.advice is None:
            return
        yield one_line(f"What this usually means: {self.advice.means}")
        if self.advice.line:
            yield "Put right:"
            yield from (f"      | {visible(line)}" for line in self.advice.line.split("\n"))

    @property
    def pointer(self) -> str:
        """What stands below the quoted line to point into it."""
        if self.caret is None:
            return ""
        return "".join("\t" if c == "\t" else " " for c in self.quoted[: self.caret]) + "^"
