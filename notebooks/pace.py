"""How long a lesson takes, counted: words that are read, characters that are typed, cells that are run.

The numbers are those of a reader who is new to it: 200 words a minute, and 120 characters a minute for an answer, which is thought
about before it is typed. Each notebook tells its minutes at the top, and a test holds them against this count.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from notebooks.reference import solution_text
from notebooks.source_format import Cell, Lesson

WORDS_A_MINUTE = 200
CHARACTERS_A_MINUTE = 120
KEYS_A_MINUTE = 200
"""Typing something that is in front of one, without thinking."""
_A_CELL = 1 / 3
_A_QUESTION = 2 / 3
_FENCE = re.compile(r"^(```|~~~)")
_TOLD = re.compile(r"^\*\*Time:\*\* about (\d+) minutes", re.MULTILINE)


def minutes(lesson: Lesson) -> int:
    """Count how long a lesson takes, in whole fives."""
    return 5 * math.ceil(sum(map(_minutes, lesson.cells)) / 5)


def told(lesson: Lesson) -> int | None:
    """Read the minutes that a lesson tells at its top; None when it tells none."""
    found = _TOLD.search("\n".join(cell.source for cell in lesson.cells[:3] if cell.kind == "text"))
    return int(found[1]) if found else None


def before_first_pass(read: Iterable[Lesson]) -> float:
    """Count the minutes of reading and typing up to the first cell that shows a passed check, from the very beginning."""
    spent = 0.0
    for lesson in read:
        for cell in lesson.cells:
            if cell.kind == "check" or any("pass" in expected for expected in cell.expect):
                return spent
            if cell.kind == "text":
                spent += words(cell.source) / WORDS_A_MINUTE
            elif cell.kind == "answer":
                spent += _typed(cell) / KEYS_A_MINUTE
    return spent


def words(markdown: str) -> int:
    """Count the words of a text, code in it included: it is read, too."""
    return sum(len(line.split()) for line in markdown.split("\n") if not _FENCE.match(line))


def _minutes(cell: Cell) -> float:
    if cell.kind == "text":
        return words(cell.source) / WORDS_A_MINUTE
    if cell.kind == "answer":
        return _typed(cell) / CHARACTERS_A_MINUTE
    return _A_QUESTION if cell.source.startswith("%predict") else _A_CELL


def _typed(cell: Cell) -> int:
    """Count what a learner has to write: the reference without its comments and its indentation."""
    if cell.solution is None:
        return 0
    lines = (line.strip() for line in solution_text(cell.solution, cell.blocks).split("\n"))
    return sum(len(line) for line in lines if not line.startswith("#"))
