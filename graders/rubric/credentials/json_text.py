"""Credentials in JSON values: states, plans, container definitions, settings. No recursion: a document may be nested at will."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graders.rubric.credentials.names import holds_credential

_LONGEST_PATH = 200
# What a schema says of a value.
_TYPES = frozenset({"string", "integer", "number", "boolean"})
_TEXT = re.compile(r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Place:
    """A step on the way to a value; linked instead of spelt out, because a path a member would be the square of the document."""

    step: str | int | None = None
    before: _Place | None = None

    def below(self, step: str | int) -> _Place:
        return _Place(step, self)

    def __str__(self) -> str:
        """``a.b[0].password``; of a very long path its end."""
        steps: list[str | int] = []
        place: _Place | None = self
        length = 0
        while place is not None and place.step is not None and length <= _LONGEST_PATH:
            steps.append(place.step if isinstance(place.step, int) else place.step[:_LONGEST_PATH])
            length += len(str(steps[-1])) + 1
            place = place.before
        text = ""
        for step in reversed(steps):
            text = f"{text}[{step}]" if isinstance(step, int) else f"{text}.{step}".lstrip(".")
        return text if place is None or place.step is None else f"…{text}"


def credentials_in_json(value: object) -> Iterator[str]:
    """Names of the credential-like keys of a JSON value that hold a credential, as ``a.b.password``."""
    pending: list[tuple[_Place, str | None, object]] = [(_Place(), None, value)]
    while pending:
        place, key, inner = pending.pop()
        if key is not None:
            held = inner.get("value") if isinstance(inner, dict) and "name" not in inner else inner
            if isinstance(held, str):
                if holds_credential(key, held) and held not in _TYPES:
                    yield str(place)
                continue
        if isinstance(inner, dict):
            name, said = inner.get("name"), inner.get("value")
            if isinstance(name, str) and isinstance(said, str) and holds_credential(name, said):
                yield str(place.below(name))
            pending += [(place.below(str(k)), str(k), v) for k, v in reversed(inner.items())]
        elif isinstance(inner, list):
            pending += [(place.below(index), None, v) for index, v in reversed(list(enumerate(inner)))]


def described_values(value: object) -> Iterator[str]:
    """Names of the entries of a state's outputs or a plan's variables that hold a credential: ``{name: {"value": …}}``.

    Format: https://developer.hashicorp.com/terraform/internals/json-format
    """
    pending: list[tuple[_Place, str | None, object]] = [(_Place(), None, value)]
    while pending:
        place, name, entry = pending.pop()
        held = entry.get("value") if isinstance(entry, dict) else None
        if name is not None and isinstance(held, str) and holds_credential(name, held):
            yield str(place)
        elif isinstance(entry, dict):
            pending += [(place.below(str(k)), str(k), v) for k, v in reversed(entry.items())]
        elif isinstance(entry, list):
            pending += [(place, None, v) for v in reversed(entry)]


class NamePlaces:
    """Where the texts of a JSON document stand, each one's first place; looked up when the first one is asked for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._first: dict[str, int] | None = None

    def of(self, where: str) -> int:
        """The offset of the last name of a path such as ``outputs.db.password``; 0 when it is written in another way."""
        if self._first is None:
            self._first = {}
            for match in _TEXT.finditer(self._text):
                self._first.setdefault(match[1], match.start())
        return self._first.get(where.rpartition(".")[2], 0)
