"""A policy file as rules, or one sentence on what is wrong in which line of it."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from graders.marking.policy import document
from graders.marking.policy.rules import Late, Override, Rules
from lab_env.errors import UsageError
from lab_env.text import one_line

_EXAMPLE = "See the example in docs/marks.md."
_WORDS = {
    "bool_parsing": "write true or false",
    "int_parsing": "write a whole number",
    "int_from_float": "write a whole number",
    "decimal_parsing": "write a number",
    "string_type": "write plain text",
    "list_type": "write a list: lines that begin with a dash",
    "tuple_type": "write a list: lines that begin with a dash",
    "dict_type": "write key: value lines under it",
    "model_type": "write key: value lines under it",
    "model_attributes_type": "write key: value lines under it",
    "greater_than_equal": "the number is too small",
    "less_than_equal": "the number is too large",
    "int_parsing_size": "the number is too large",
    "finite_number": "write a number",
    "decimal_max_digits": "the number has too many digits",
    "decimal_max_places": "the number has too many digits",
    "string_too_short": "it is empty",
    "string_too_long": "the text is too long",
    "missing": "it is missing",
}


@dataclass(frozen=True)
class Policy:
    """A policy file that was read.

    :param name: the file's name, without its directory.
    :param digest: ``sha256:`` and 64 hexadecimal digits of its bytes.
    """

    name: str
    digest: str
    rules: Rules


def read_policy(path: Path) -> Policy:
    """Read and check a policy file.

    :raises UsageError: it is not there, or something in it is not understood; with file, line and key.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(document.MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"Cannot read {path}: {error.strerror}.", next_step="Name a policy file.") from None
    return parse_policy(data, path.name)


def parse_policy(data: bytes, name: str) -> Policy:
    """The policy in a file's bytes.

    :raises UsageError: see :func:`read_policy`.
    """
    found = document.read(data, name)
    # A file of comments only is one empty text to YAML.
    value = {} if found.value == "" else found.value
    try:
        rules = Rules.model_validate(value)
    except ValidationError as error:
        # A mistyped key first: that another one is missing often only follows from it.
        faults = sorted(error.errors(include_url=False), key=lambda fault: fault["type"] != "extra_forbidden")
        raise _explained(faults[0], found) from None
    return Policy(one_line(name), f"sha256:{hashlib.sha256(data).hexdigest()}", rules)


def _explained(error: ErrorDetails, found: document.Document) -> UsageError:
    # pydantic marks a wrong dictionary key with "[key]" behind it; that is no place in the file.
    path = tuple(part for part in error["loc"] if part != "[key]")
    where = f"{found.name}, line {found.line(path)}"
    key = one_line(document.shown_path(path)) or "the file"
    if error["type"] == "extra_forbidden":
        known = _known(path[:-1])
        near = difflib.get_close_matches(str(path[-1]), known, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(known)}."
        return UsageError(f"{where}: the key {key} is not known.", next_step=hint)
    context: Mapping[str, object] = error.get("ctx", {})
    what = str(context["error"]) if error["type"] == "value_error" else _WORDS.get(error["type"], error["msg"])
    return UsageError(f"{where}: {key}: {one_line(what)}.", next_step=_EXAMPLE)


def _known(parent: tuple[str | int, ...]) -> list[str]:
    if parent[:1] == ("late",):
        return list(Late.model_fields)
    return list(Override.model_fields if parent[:1] == ("overrides",) else Rules.model_fields)
