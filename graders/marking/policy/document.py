"""Reads a YAML file to plain values with the line of each, and refuses what an instructor never means.

Every scalar stays the text that was written: a student called ``0123``, ``on`` or ``1e3`` keeps that name, and a time is read by
us, with its offset. Keys are unique; aliases, tags and several documents are refused; size and depth have a limit. Works on
PyYAML's stream of events, so nothing of the file is ever constructed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from lab_env.errors import UsageError
from lab_env.tables import Place, shown_place
from lab_env.text import one_line

MAX_BYTES = 256 * 1024
MAX_DEPTH = 8

Value = str | list["Value"] | dict[str, "Value"]


@dataclass(frozen=True)
class Document:
    """:param lines: the 1-based line on which each key or list entry stands, by its path."""

    name: str
    value: Value
    lines: dict[Place, int]

    def line(self, path: Place) -> int:
        """The line of the value, or of the nearest thing around it."""
        return next(self.lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in self.lines)


def read(data: bytes, name: str) -> Document:
    """The document in a file's bytes.

    :param name: the file's name, for messages.
    :raises UsageError: too large, no YAML, a key twice, an alias, a tag, nesting without end.
    """
    if len(data) > MAX_BYTES:
        raise UsageError(f"{name} is larger than {MAX_BYTES // 1024} KB.", next_step="Name a policy file.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}, line {line}: this is not UTF-8 text.", next_step="Save the file as UTF-8.") from None
    try:
        return _Reader(text, name).document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark is not None else ""
        what = getattr(error, "problem", None) or str(error)
        raise UsageError(
            f"{name}{where}: this is no YAML: {one_line(str(what))[:200]}.", next_step="Correct the line."
        ) from None


class _Reader:
    def __init__(self, text: str, name: str) -> None:
        self._events: Iterator[Event] = iter(yaml.parse(text, Loader=yaml.SafeLoader))
        self._name = name
        self._lines: dict[Place, int] = {(): 1}

    def document(self) -> Document:
        value: Value = {}
        documents = 0
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._refuse(event, "a second document begins here", "Keep one document in the file.")
                value = self._value(self._next(), ())
        return Document(self._name, value, self._lines)

    def _next(self) -> Event:
        return next(self._events)

    def _value(self, event: Event, path: Place) -> Value:
        self._check_plain(event)
        if len(path) > MAX_DEPTH:
            self._refuse(event, "this is nested too deep", "See docs/marks.md for the file's shape.")
        if isinstance(event, ScalarEvent):
            return event.value
        if isinstance(event, SequenceStartEvent):
            return self._sequence(path)
        assert isinstance(event, MappingStartEvent)  # noqa: S101 - nothing else can begin a value
        return self._mapping(path)

    def _sequence(self, path: Place) -> Value:
        values: list[Value] = []
        while not isinstance(event := self._next(), SequenceEndEvent):
            here = (*path, len(values))
            self._lines[here] = _line(event)
            values.append(self._value(event, here))
        return values

    def _mapping(self, path: Place) -> Value:
        values: dict[str, Value] = {}
        while not isinstance(event := self._next(), MappingEndEvent):
            self._check_plain(event)
            if not isinstance(event, ScalarEvent):
                self._refuse(event, "a key has to be plain text", "Write key: value.")
            key = event.value
            here = (*path, key)
            if key in values:
                self._refuse(
                    event,
                    f"the key {shown_place(here)} is there twice, first in line {self._lines[here]}",
                    "Keep one of them.",
                )
            self._lines[here] = _line(event)
            values[key] = self._value(self._next(), here)
        return values

    def _check_plain(self, event: Event) -> None:
        if isinstance(event, AliasEvent):
            self._refuse(event, f"aliases (*{event.anchor}) are not read", "Write the value out.")
        if getattr(event, "tag", None) not in (None, "!"):
            self._refuse(event, "tags (!) are not read", "Write the plain value.")

    def _refuse(self, event: Event, what: str, next_step: str) -> NoReturn:
        raise UsageError(f"{self._name}, line {_line(event)}: {one_line(what)}.", next_step=next_step)


def _line(event: Event) -> int:
    # The parser sets every mark; only the type allows for events that somebody made by hand.
    return 1 if event.start_mark is None else event.start_mark.line + 1
