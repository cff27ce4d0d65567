"""A submission as it is compared: its units with their k-grams, its words, and what nobody is compared by."""

from __future__ import annotations

import posixpath
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from graders.similarity.fingerprints import Hasher, winnow
from graders.similarity.model import FileMaterial, Unit, Word
from graders.similarity.reading import Room, read_text
from lab_env.submission import SourceFile, Submission

WordKey = tuple[str, str]
"""Kind and key of a :class:`Word`."""

# A submission's characters beyond which a file is left out: four hundred times what the lesson's module has.
MAX_CHARACTERS = 2 << 20


@dataclass(frozen=True, slots=True)
class PlacedUnit:
    """A unit in its file, with the hash of the k-gram at each of its tokens."""

    path: str
    unit: Unit
    grams: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Material:
    """What is compared of one submission.

    :ivar words: by kind and key, where each stands first.
    :ivar bytes_digest: over these files' bytes without their names; None when there is no file.
    """

    id: str
    units: tuple[PlacedUnit, ...]
    words: Mapping[WordKey, tuple[str, Word]]
    bytes_digest: str | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """What everybody was given, so that nobody has it from another."""

    names: tuple[str, ...]
    grams: frozenset[int]
    words: frozenset[WordKey]
    digests: frozenset[str]


class Reader:
    """Reads submissions; a text that many handed in is read once."""

    def __init__(self) -> None:
        self._hasher = Hasher()
        self._read: dict[str, tuple[FileMaterial, tuple[tuple[int, ...], ...]]] = {}

    def read(self, submission: Submission) -> Material:
        """The material of a submission's ``.tf`` files and of what they read; what is past a bound is left out with a note."""
        room, characters = Room(), MAX_CHARACTERS
        placed: list[PlacedUnit] = []
        words: dict[WordKey, tuple[str, Word]] = {}
        notes: list[str] = []
        for file in (*submission.files, *_named(submission)):
            if len(file.data) > characters or room.tokens <= 0:
                notes.append(f"{file.path} is left out: there is too much text in the submission's files.")
                continue
            characters -= len(file.data)
            found, grams = self._file(file, room)
            if not found.parsed and file.path.endswith(".tf"):
                notes.append(
                    f"{file.path} is not HCL throughout, or too long to be read as such: compared by its words."
                )
            placed += (PlacedUnit(file.path, unit, hashes) for unit, hashes in zip(found.units, grams, strict=True))
            for word in found.words:
                words.setdefault((word.kind, word.key), (file.path, word))
        everything = (*submission.files, *_named(submission))
        return Material(submission.id, tuple(placed), words, _digest(everything), tuple(notes))

    def _file(self, file: SourceFile, room: Room) -> tuple[FileMaterial, tuple[tuple[int, ...], ...]]:
        text = file.text
        known = self._read.get(text)
        if known is None:
            found = read_text(file.path, text, room)
            known = found, tuple(self._hasher.grams([t.text for t in unit.tokens]) for unit in found.units)
            if found.parsed and room.tokens > 0 and room.words > 0:
                self._read[text] = known
        else:
            room.take(known[0])
        return known


def _named(submission: Submission) -> tuple[SourceFile, ...]:
    """Templates and other texts whose names stand in the ``.tf`` files; also in those that are no HCL, so nothing is parsed."""
    room, texts = MAX_CHARACTERS, list[str]()
    for file in submission.files:
        room -= len(file.data)
        if room > 0:
            texts.append(file.text)
    text = "\n".join(texts)
    return tuple(
        file
        for file in submission.ignored
        if posixpath.basename(file.path) in text and submission.readable(file.path) is not None
    )


def given(materials: Iterable[Material]) -> Given:
    """What these hold together: the starter, the reference and whatever else the class was given."""
    everything = tuple(materials)
    return Given(
        tuple(material.id for material in everything),
        frozenset(gram for material in everything for placed in material.units for gram in placed.grams),
        frozenset(key for material in everything for key in material.words),
        frozenset(m.bytes_digest for m in everything if m.bytes_digest is not None),
    )


def all_grams(material: Material, without: Given) -> dict[int, None]:
    """Every own k-gram once, in the order of the files."""
    return {gram: None for placed in material.units for gram in placed.grams if gram not in without.grams}


def fingerprints(material: Material, without: Given) -> dict[Hashable, float]:
    """The own k-grams that winnowing chooses, each of size 1."""
    return {gram: 1.0 for placed in material.units for gram in sorted(winnow(placed.grams, without.grams))}


def _digest(files: Iterable[SourceFile]) -> str | None:
    each = sorted(sha256(file.data).digest() for file in files)
    return sha256(b"".join(each)).hexdigest() if each else None
