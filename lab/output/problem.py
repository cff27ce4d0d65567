"""Something that is wrong with a file, at the line that its writer sees."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """Something that is wrong with the file.

    :param where: in words, such as ``line 4 of this cell``.
    :param number: the line in the cell, from 1; None when it is about no line.
    :param quoted: that line's text.
    :param caret: before which character of it, from 0, where that is known.
    """

    where: str
    text: str
    number: int | None = None
    quoted: str = ""
    caret: int | None = None

    @property
    def pointer(self) -> str:
        """What stands below the quoted line to point into it."""
        if self.caret is None:
            return ""
        return "".join("\t" if c == "\t" else " " for c in self.quoted[: self.caret]) + "^"
