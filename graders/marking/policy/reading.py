"""A policy file as rules, or one sentence on what is wrong in which line of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from graders.marking.policy import document
from graders.marking.policy.rules import Rules
from lab_env.errors import UsageError
from lab_env.tables import Fault, fault, shown_place
from lab_env.text import one_line

_EXAMPLE = "See the example in docs/marks.md."
_LIST, _TABLE = "write a list: lines that begin with a dash", "write key: value lines under it"
_WORDS = {"list_type": _LIST, "tuple_type": _LIST} | dict.fromkeys(
    ("dict_type", "model_type", "model_attributes_type"), _TABLE
)


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
        raise _explained(fault(error, Rules, _WORDS), found) from None
    return Policy(one_line(name), f"sha256:{hashlib.sha256(data).hexdigest()}", rules)


def _explained(found: Fault, read: document.Document) -> UsageError:
    where = f"{read.name}, line {read.line(found.place)}"
    key = one_line(shown_place(found.place)) or "the file"
    if found.known:
        return UsageError(f"{where}: the key {key} is not known.", next_step=found.hint)
    return UsageError(f"{where}: {key}: {one_line(found.what)}.", next_step=_EXAMPLE)
