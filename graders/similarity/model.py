"""The values of a comparison: what was read of a submission, what two of them share, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Token(NamedTuple):
    """One word of a block's structure; names and texts that a person chose are placeholders in it.

    :ivar line: first line in its file (1-based); ``end_line`` is the last one, inclusive.
    """

    text: str
    line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class Unit:
    """One top-level block, or one local value: what is compared without regard to its place.

    :ivar title: as Terraform addresses it, such as ``aws_kms_key.secrets``.
    :ivar tokens: its structure, attributes and nested blocks in an order of their own.
    """

    title: str
    line: int
    end_line: int
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """A name or a text that its author was free to choose.

    :ivar kind: ``name``, ``text`` or ``comment`` (one sentence of one).
    :ivar key: what is compared: folded, white space collapsed.
    :ivar shown: as it was written.
    """

    kind: str
    key: str
    shown: str
    line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class FileMaterial:
    """What one file's text holds. ``parsed``: all of it was read as HCL, none of it by the plain tokenizer."""

    units: tuple[Unit, ...]
    words: tuple[Word, ...]
    parsed: bool = True


@dataclass(frozen=True, slots=True)
class Fragment:
    """Lines of a file.

    :ivar line: first line (1-based); ``end_line`` is the last one, inclusive.
    :ivar hits: the lines of these that the other side has too.
    :ivar title: the block, as Terraform addresses it; empty for a word.
    """

    path: str
    line: int
    end_line: int
    hits: frozenset[int]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Region:
    """Two blocks with the same structure in part or whole. ``weight``: how much of it is not common."""

    left: Fragment
    right: Fragment
    weight: float


@dataclass(frozen=True, slots=True)
class SharedWord:
    """A name, a text or a sentence of a comment that both have and few others do.

    :ivar holders: how many submissions of the class have it, these two included.
    """

    kind: str
    shown: str
    left: Fragment
    right: Fragment
    holders: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two submissions and what they share, beyond the given files and what the class has in common.

    :ivar left: id; ``right`` stands behind it in the class.
    :ivar score: 0 to 1, the highest of ``structure``, ``words`` and ``comments``; 1 when ``identical``.
    :ivar left_in_right: how much of the left one's own structure the right one has, 0 to 1; ``right_in_left`` the same
        the other way round.
    :ivar identical: their ``.tf`` files are the same, byte for byte, whatever they are called.
    """

    left: str
    right: str
    score: float
    structure: float
    words: float
    comments: float
    left_in_right: float
    right_in_left: float
    identical: bool
    regions: tuple[Region, ...]
    shared: tuple[SharedWord, ...]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Three or more submissions that listed pairs join, each to at least one other.

    :ivar pairs: how many of its pairs are listed.
    """

    members: tuple[str, ...]
    pairs: int

    @property
    def possible(self) -> int:
        """How many pairs its members make."""
        return len(self.members) * (len(self.members) - 1) // 2


@dataclass(frozen=True, slots=True)
class Similarity:
    """The comparison of a class.

    :ivar pairs: the listed ones, highest score first; ``listed`` says how many there are when not all are here.
    :ivar compared: ids of the submissions that were compared, in their order.
    :ivar pair_count: how many pairs these make; ``touching`` of them share anything that is not common.
    :ivar subtracted: names of what was taken off everybody.
    :ivar small: ids of those with so little of their own that no structure score says anything.
    :ivar left_out: id and reason of what was not compared.
    :ivar notes: id and remark, where a file was only partly read.
    :ivar texts: the files of the listed submissions, by id, then by path.
    """

    pairs: tuple[Pair, ...]
    listed: int
    clusters: tuple[Cluster, ...]
    compared: tuple[str, ...]
    pair_count: int
    touching: int
    threshold: float
    subtracted: tuple[str, ...]
    small: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    notes: tuple[tuple[str, str], ...]
    texts: Mapping[str, Mapping[str, str]]
