"""Files -> material to compare: the tree where the adapter reads one, plain words where it does not, all of it bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from graders.similarity.model import FileMaterial, Unit, Word
from graders.similarity.plain import plain_tokens, plain_words
from graders.similarity.structure import units
from graders.similarity.words import name, sentences, text_word, words
from lab_env.line_numbers import LineNumbers

# A module of the lesson has about 5 KiB, its largest file 2. The parser's time grows faster than the file, so beyond
# these bounds a file is read by the plain tokenizer, and beyond MAX_TOKENS not at all.
TREE_CHARACTERS = 32 << 10
TREE_ITEMS = 1_500
MAX_CHUNKS = 300
MAX_TOKENS = 20_000
MAX_WORDS = 4_000
MAX_DEPTH = 20
_BRACKETS = {"{": "}", "[": "]", "(": ")"}
_BLOCK_START = re.compile(
    r"^(?=(?:resource|data|ephemeral|variable|locals|output|module|terraform|provider|moved|removed|check|import)\b)",
    re.MULTILINE,
)
_HEADER = re.compile(r'^[ \t]*\w+(?:[ \t]+"[^"\n]*")?[ \t]+"([^"\n]+)"[ \t]*\{', re.MULTILINE)


@dataclass
class Room:
    """What a submission may still use."""

    tree_characters: int = 2 * TREE_CHARACTERS
    tokens: int = MAX_TOKENS
    words: int = MAX_WORDS

    def take(self, material: FileMaterial) -> None:
        """Use up what a file's material needs."""
        self.tokens -= sum(len(unit.tokens) for unit in material.units)
        self.words -= len(material.words)


def read_text(path: str, text: str, room: Room) -> FileMaterial:
    """The material of one file; ``room`` gets smaller by it."""
    found = _tree(path, text, room)
    if found is None:
        parts = [_chunk(path, chunk, room, line) for line, chunk in _chunks(text)]
        found = FileMaterial(
            tuple(unit for part in parts for unit in part.units),
            tuple(word for part in parts for word in part.words),
            parsed=False,
        )
    return _bounded(found, room)


def _tree(path: str, text: str, room: Room, *, shift: int = 0) -> FileMaterial | None:
    """What the adapter reads, ``shift`` lines further down; None when it reads nothing or would take too long."""
    from lab_env.hcl import parse

    if len(text) > min(TREE_CHARACTERS, room.tree_characters) or any(text.count(mark) > TREE_ITEMS for mark in "\n,={"):
        return None
    # A text of a few characters costs a parse too.
    room.tree_characters -= max(len(text), 200)
    try:
        body = parse(path, text)
        found = FileMaterial(units(body), tuple(words(body)))
    except Exception:  # whatever one file makes the parser raise, the class still gets its page
        return None
    return _shifted(found, shift)


def _shifted(material: FileMaterial, lines: int) -> FileMaterial:
    if not lines:
        return material
    return FileMaterial(
        tuple(
            replace(
                unit,
                line=unit.line + lines,
                end_line=unit.end_line + lines,
                tokens=tuple(t._replace(line=t.line + lines, end_line=t.end_line + lines) for t in unit.tokens),
            )
            for unit in material.units
        ),
        tuple(replace(word, line=word.line + lines, end_line=word.end_line + lines) for word in material.words),
    )


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """A file that does not parse, cut where a block begins in the first column: one broken block spoils no other.

    Yields the lines before each chunk and the chunk.
    """
    starts = [match.start() for match in islice(_BLOCK_START.finditer(text), MAX_CHUNKS)]
    if not starts or starts[0] > 0:
        starts.insert(0, 0)
    line = 0
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        chunk = text[start:end]
        if chunk.strip():
            yield line, chunk
        line += chunk.count("\n")


def _chunk(path: str, text: str, room: Room, lines_before: int) -> FileMaterial:
    found = _tree(path, text, room, shift=lines_before)
    if found is None and (closed := _closed(text)):
        found = _tree(path, closed, room, shift=lines_before)
    return found or _plain(text, lines_before)


def _closed(text: str) -> str | None:
    """The text with the brackets that it leaves open; None when it leaves none. A missing one is the usual mistake."""
    open_: list[str] = []
    for kind, word, _ in islice(plain_words(text), MAX_TOKENS):
        if kind == "mark" and word in _BRACKETS:
            open_.append(_BRACKETS[word])
        elif kind == "mark" and open_ and word == open_[-1]:
            open_.pop()
    return f"{text}\n{''.join(reversed(open_))}\n" if 0 < len(open_) <= MAX_DEPTH else None


def _plain(text: str, lines_before: int) -> FileMaterial:
    first = lines_before + 1
    tokens = tuple(islice(plain_tokens(text, first_line=first), MAX_TOKENS))
    found: list[Word] = []
    comments: list[tuple[str, int]] = []
    for kind, word, line in islice(plain_words(text, first_line=first), MAX_TOKENS):
        if kind == "comment":
            comments.append((word, line))
        elif kind == "text" and (said := text_word(word.strip('"'), line, line)) is not None:
            found.append(said)
    lines = LineNumbers(text, first=first)
    for match in islice(_HEADER.finditer(text), MAX_WORDS):
        found.append(name(match[1], lines.of(match.start(1))))
    found += sentences(comments)
    last = tokens[-1].end_line if tokens else first
    unit = Unit("text that is no HCL", tokens[0].line if tokens else first, last, tokens)
    return FileMaterial((unit,) if tokens else (), tuple(found), parsed=False)


def _bounded(material: FileMaterial, room: Room) -> FileMaterial:
    """What there is room for."""
    left = room.tokens
    kept: list[Unit] = []
    for unit in material.units:
        if left > 0:
            kept.append(replace(unit, tokens=unit.tokens[:left]))
        left -= len(unit.tokens)
    bounded = FileMaterial(tuple(kept), material.words[: max(0, room.words)], material.parsed)
    room.take(bounded)
    return bounded
