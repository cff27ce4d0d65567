"""What is asked and what is answered: an error, the learner's files, a sentence and a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MAX_PUT_RIGHT = 400
"""Characters of the lines put right, and lines of them: what is longer helps nobody."""
MAX_LINES_PUT_RIGHT = 6


@dataclass(frozen=True)
class Said:
    """An error as it was said: by Terraform, by the gate, or by AWS.

    :param path: file, relative to the submission; ``line`` is 1-based.
    :param address: of the block that it is about.
    """

    summary: str
    detail: str = ""
    path: str | None = None
    line: int | None = None
    address: str | None = None


@dataclass(frozen=True)
class Edit:
    """Lines from ``line`` to ``end`` (1-based, both of them) have this text instead; an empty one takes them away.

    Where ``end`` is the line before, the text is put in between.
    """

    line: int
    end: int
    text: str


@dataclass(frozen=True)
class Advice:
    """What an error usually comes from, and what to write.

    :param means: one plain sentence.
    :param path: the file that ``edits`` are of; they are in order and do not overlap.
    """

    means: str
    path: str | None = None
    edits: tuple[Edit, ...] = ()

    @property
    def line(self) -> str | None:
        """The learner's line put right (lines, where it takes more than one); None where there is nothing to write."""
        text = "\n".join(edit.text for edit in self.edits if edit.text)
        return text or None

    def applied(self, files: Mapping[str, str]) -> dict[str, str]:
        """The files with the lines put right."""
        if self.path is None or self.path not in files:
            return dict(files)
        lines = files[self.path].split("\n")
        for edit in reversed(self.edits):
            lines[edit.line - 1 : edit.end] = edit.text.split("\n") if edit.text else []
        return {**files, self.path: "\n".join(lines)}


def advice(means: str, path: str | None = None, edits: Sequence[Edit] = ()) -> Advice:
    """Advice whose lines somebody would read; without them where they are too long."""
    length = sum(len(edit.text) for edit in edits)
    lines = sum(edit.text.count("\n") + 1 for edit in edits)
    if path is None or not edits or length > MAX_PUT_RIGHT or lines > MAX_LINES_PUT_RIGHT:
        return Advice(means)
    return Advice(means, path, tuple(sorted(edits, key=lambda edit: edit.line)))
