"""What a mutation is: a change of text with a meaning that was written before anybody graded it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from graders.quality.mutation.source import Mutation, Source


class Kind(StrEnum):
    """What is done to the text."""

    DROP = "drop"
    FLIP = "flip"
    WIDEN = "widen"
    NARROW = "narrow"
    SWAP = "swap reference"
    RENAME = "rename"
    MOVE = "move"
    DUPLICATE = "duplicate"
    COMMENT = "comment out"
    HARD_CODE = "hard-code"
    ADD = "add"
    EQUIVALENT = "equivalent"


EVERYTHING = "*"
"""In ``Mutator.may``: the module is no valid one any more, so nothing else can be looked at."""


@dataclass(frozen=True)
class Mutator:
    """A rule: what it does, and what that means for the rubric.

    :param name: in kebab-case, unique.
    :param meaning: one sentence on what the change means, and so why these requirements fail.
    :param fail: ids that must be ``fail`` wherever they can be seen; none for an equivalent rewrite, which keeps all points.
    :param may: ids of which nothing is said, because the change may or may not touch them; all other ids must stay ``pass``,
        or be ``blocked`` by one of these or of ``fail`` (the rubric declares that graph). ``EVERYTHING`` names them all.
    :param apply: the change on one solution, decided from its syntax; None where the solution has no place for it.
    """

    name: str
    kind: Kind
    meaning: str
    apply: Callable[[Source], Mutation | None]
    fail: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()

    @property
    def equivalent(self) -> bool:
        return not self.fail


@dataclass(frozen=True)
class Mutant:
    """A solution, changed.

    :param base: the solution's name in the corpus.
    :param files: contents by path.
    """

    mutator: Mutator
    base: str
    files: Mapping[str, bytes]

    @property
    def name(self) -> str:
        return f"{self.mutator.name}--{self.base}"
