"""A table that a person wrote in TOML or YAML, as a typed value, or one sentence on what is wrong where in it."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Annotated, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from lab_env.errors import RubricError

M = TypeVar("M", bound=BaseModel)
Place = tuple[str | int, ...]
Text = Annotated[str, Field(pattern=r"\S")]
"""A text that says something."""


def _split(words: object) -> object:
    return words.split() if isinstance(words, str) else words


Words = Annotated[frozenset[str], BeforeValidator(_split)]
"""A set of words that is written as one text."""

_WORDS = {
    "bool_parsing": "write true or false",
    "int_parsing": "write a whole number",
    "int_type": "write a whole number",
    "int_from_float": "write a whole number",
    "decimal_parsing": "write a number",
    "string_type": "write plain text",
    "list_type": "write a list",
    "tuple_type": "write a list",
    "dict_type": "write a table of keys and values",
    "model_type": "write a table of keys and values",
    "model_attributes_type": "write a table of keys and values",
    "greater_than_equal": "the number is too small",
    "less_than_equal": "the number is too large",
    "int_parsing_size": "the number is too large",
    "finite_number": "write a number",
    "decimal_max_digits": "the number has too many digits",
    "decimal_max_places": "the number has too many digits",
    "string_too_short": "it is empty",
    "string_too_long": "the text is too long",
    "string_pattern_mismatch": "it is empty",
    "missing": "it is missing",
}


class ClosedTable(BaseModel):
    """Base of what a table may say: a closed set of keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Fault:
    """What is wrong with a table.

    :param known: the keys that there are, where one is not known.
    """

    place: Place
    what: str
    known: tuple[str, ...] = ()

    @property
    def hint(self) -> str:
        """What a key may have been meant to be; empty where keys are not the matter."""
        near = difflib.get_close_matches(str(self.place[-1]), self.known, n=1) if self.known else ()
        return f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(self.known)}." if self.known else ""


def packaged_table(package: str, name: str, model: type[M]) -> M:
    """The table in a TOML file of a package of ours.

    :raises RubricError: as :func:`toml_table`.
    """
    return toml_table(files(package).joinpath(name).read_text(encoding="utf-8"), model, name)


def toml_table(text: str, model: type[M], name: str) -> M:
    """The table in a file of this repository.

    :param name: how a message calls the file.
    :raises RubricError: it is not TOML, or not such a table; with the key, and what to write there.
    """
    try:
        return model.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise RubricError(f"{name}: this is not TOML: {error}.", next_step="Correct the line.") from None
    except ValidationError as error:
        found = fault(error, model)
        where = f"{name}: {shown_place(found.place)}" if found.place else name
        raise RubricError(f"{where}: {found.what}.", next_step=found.hint or f"Correct it in {name}.") from None


def fault(error: ValidationError, model: type[BaseModel], words: Mapping[str, str] | None = None) -> Fault:
    """The first fault. A mistyped key goes before others: that another one is missing often only follows from it.

    :param model: what the table was to be.
    :param words: other words for some of pydantic's types of errors.
    """
    found = min(error.errors(include_url=False), key=lambda one: one["type"] != "extra_forbidden")
    # pydantic marks a wrong dictionary key with "[key]" behind it; that is no place in the file.
    place = tuple(part for part in found["loc"] if part != "[key]")
    if found["type"] == "extra_forbidden":
        return Fault(place, "this key is not known", _known(model, place[:-1]))
    context = found.get("ctx", {})
    if found["type"] == "value_error":
        return Fault(place, str(context["error"]))
    if found["type"] == "literal_error":
        return Fault(place, f"write {context['expected']}")
    if found["type"] in ("string_too_short", "too_short") and (least := context["min_length"]) > 1:
        return Fault(place, f"write at least {least}{' characters' if found['type'] == 'string_too_short' else ''}")
    return Fault(place, {**_WORDS, **(words or {})}.get(found["type"], found["msg"]))


def _known(model: type[BaseModel], place: Place) -> tuple[str, ...]:
    """The keys of the table at a place."""
    fields: dict[str, FieldInfo] = {}
    for part in (None, *place):
        if part in fields:
            model = next(_models(fields[part].annotation), model)
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
    return tuple(fields)


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def shown_place(place: Place) -> str:
    """``overrides[2].reason``."""
    text = ""
    for part in place:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text
