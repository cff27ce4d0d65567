"""What a rule is given: the error, the learner's files as words and signs, and ways to write a line otherwise."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from lab_env.advice.model import Advice, Edit, Said, advice
from lab_env.advice.source import MAX_LINE, Bracket, Source, Token, read
from lab_env.text import one_line

_SHOWN = 60
_MOST_FILES = 60
_MOST_VALUES = 200


@dataclass(frozen=True)
class Value:
    """A value in a line: what is assigned to a name, or an item of a list.

    :param name: empty for an item. :param start: its place in the line, from 0; ``end`` is exclusive.
    """

    name: str
    text: str
    start: int
    end: int

    @property
    def is_leaf(self) -> bool:
        """Whether no bracket of its own begins it, in which there are values again."""
        return self.text[:1] not in ("{", "[", "(")


def plain_line(number: int) -> str:
    return f"line {number}"


@dataclass(frozen=True)
class Case:
    """One error and what it is about.

    :param found: the match of the rule's pattern in what was said.
    :param files: the texts of the submission's files by path.
    :param name_line: what a line of the file is called where the advice is read.
    """

    said: Said
    found: re.Match[str]
    files: Mapping[str, str]
    name_line: Callable[[int], str] = plain_line

    def at(self, number: int) -> str:
        """A line of the file in words: the learner may see it as another one, of a notebook's cell."""
        return self.name_line(number)

    @cached_property
    def source(self) -> Source | None:
        """The file that it is in."""
        path = self.said.path
        return read(path, self.files[path]) if path is not None and path in self.files else None

    @cached_property
    def module(self) -> tuple[Source, ...]:
        """All ``.tf`` files of the same directory."""
        if self.said.path is None:
            near = sorted(path for path in self.files if path.endswith(".tf"))
        else:
            here = posixpath.dirname(self.said.path)
            near = sorted(p for p in self.files if p.endswith(".tf") and posixpath.dirname(p) == here)
        return tuple(read(path, self.files[path]) for path in near[:_MOST_FILES])

    @cached_property
    def blocks(self) -> Mapping[str, tuple[Source, Bracket]]:
        """The module's blocks by address."""
        return {block.address: (source, block) for source in self.module for block in source.blocks}

    @property
    def number(self) -> int:
        return self.said.line or 0

    @property
    def line(self) -> str:
        """The line that it is about; empty where there is none, or it is longer than anybody writes."""
        text = self.source.line(self.said.line) if self.source is not None else ""
        return text if len(text) <= MAX_LINE else ""

    def means(self, sentence: str) -> Advice:
        """Advice without a line."""
        return advice(sentence)

    def write(self, sentence: str, text: str, *, line: int | None = None, end: int | None = None) -> Advice:
        """Advice with a line put right, which is that of the error where it is not said otherwise."""
        at = line or self.number
        return advice(sentence, self.said.path, (Edit(at, end or at, text),))

    def edits(self, sentence: str, *edits: Edit, path: str | None = None) -> Advice:
        """Advice with several lines put right, or one in another file."""
        return advice(sentence, path or self.said.path, edits)

    def values(self, number: int | None = None) -> tuple[Value, ...]:
        """The values in a line, outer before inner."""
        if self.source is None:
            return ()
        return values_in(self.source, number or self.number)


def shown(text: str) -> str:
    """A learner's words in a sentence of ours: on one line, bounded, with nothing hidden in them."""
    text = one_line(text[: 4 * _SHOWN])
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def replaced(line: str, start: int, end: int, text: str) -> str:
    return line[:start] + text + line[end:]


def values_in(source: Source, number: int) -> tuple[Value, ...]:
    """The values in a line: behind an equals sign or a colon, and between the commas of a list."""
    return tuple(sorted(_values(source, number), key=lambda value: (value.start, -value.end)))[:_MOST_VALUES]


def _values(source: Source, number: int) -> Iterator[Value]:
    line, tokens = source.line(number), source.tokens(number)
    levels: list[str] = []
    pending: list[tuple[int, str, int]] = []  # what is not over: how deep, its name, where it begins
    end = 0

    def over(level: int, at: int) -> Iterator[Value]:
        while pending and pending[-1][0] >= level:
            _, called, start = pending.pop()
            text = line[start:at].strip()
            if text:
                first = start + len(line[start:at]) - len(line[start:at].lstrip())
                yield Value(called, text, first, first + len(text))

    for index, token in enumerate(tokens):
        end = token.end
        level = len(levels)
        here = pending[-1][0] == level if pending else False
        if token.text in ("{", "[", "("):
            levels.append(token.text)
            if token.text == "[":
                pending.append((len(levels), "", token.end))
        elif token.text in ("}", "]", ")"):
            yield from over(level, token.start)
            if levels:
                levels.pop()
        elif token.text == ",":
            yield from over(level, token.start)
            if levels and levels[-1] == "[":
                pending.append((level, "", token.end))
        elif token.text in ("=", ":", "=>", "==", "＝", "：") and not here and index > 0:
            before = tokens[index - 1]
            if before.kind in ("word", "string"):
                pending.append((level, before.text.strip('"'), token.end))
    yield from over(0, end)


def header_text(block: Bracket) -> str:
    """``resource "aws_kms_key" "secrets"``, as it stands there."""
    return shown(" ".join(token.text for token in block.header))


def first(tokens: tuple[Token, ...], *texts: str) -> Token | None:
    return next((token for token in tokens if token.text in texts), None)
