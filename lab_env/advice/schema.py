"""Which arguments and blocks the provider's types have: a copy of its schema, of the types of this lab alone.

``python -m graders.quality.provider_schema`` writes ``schema.json`` from the provider itself; a test holds one against the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from lab_env.advice.source import Bracket

_META: Mapping[str, str] = {
    "count": "number",
    "for_each": "map of string",
    "depends_on": "list of reference",
    "provider": "reference",
}
_META_BLOCKS = ("lifecycle", "dynamic")
_OWN: Mapping[str, Mapping[str, str]] = {
    "variable": {
        "type": "type",
        "default": "any",
        "description": "string",
        "sensitive": "bool",
        "nullable": "bool",
        "ephemeral": "bool",
    },
    "output": {
        "value": "any",
        "description": "string",
        "sensitive": "bool",
        "ephemeral": "bool",
        "depends_on": "list of reference",
    },
    "lifecycle": {
        "create_before_destroy": "bool",
        "prevent_destroy": "bool",
        "ignore_changes": "list of reference",
        "replace_triggered_by": "list of reference",
    },
    "validation": {"condition": "bool", "error_message": "string"},
    "terraform": {"required_version": "string"},
    "module": {"source": "string", "version": "string", **_META},
}
_OWN_BLOCKS: Mapping[str, tuple[str, ...]] = {
    "variable": ("validation",),
    "output": ("precondition",),
    "terraform": ("required_providers",),
    "lifecycle": ("precondition", "postcondition"),
}


@dataclass(frozen=True)
class Kind:
    """What a block may hold.

    :param arguments: their types, such as ``set of string``, without what only Terraform sets.
    :param blocks: nested ones.
    :param attributes: all that can be referred to.
    """

    arguments: Mapping[str, str]
    required: tuple[str, ...]
    blocks: tuple[str, ...]
    attributes: tuple[str, ...]


def kind_of(block: Bracket | None) -> Kind | None:
    """What the innermost block may hold; None where that is not known."""
    chain: list[Bracket] = []
    while block is not None:
        if block.is_block:
            chain.append(block)
        block = block.parent
    if not chain:
        return None
    own = chain[0].type
    if own in _OWN and own not in ("resource", "data", "ephemeral"):
        return Kind(_OWN[own], (), _OWN_BLOCKS.get(own, ()), ())
    top = chain[-1]
    if not top.labels:
        return None
    found = _schema().get(top.type, {}).get(top.labels[0])
    for inner in reversed(chain[:-1]):
        found = (found or {}).get("blocks", {}).get(inner.type)
    if found is None:
        return None
    return _kind(found, top=len(chain) == 1)


def attributes_of(type: str, mode: str = "resource") -> tuple[str, ...]:
    """What can be referred to of a resource, a data source or an ephemeral resource; empty when it is not known."""
    found = _schema().get(mode, {}).get(type)
    return () if found is None else _kind(found, top=False).attributes


def types(mode: str) -> tuple[str, ...]:
    """The types of this lab: ``resource``, ``data``, ``ephemeral``."""
    return tuple(_schema()[mode])


def _kind(found: Mapping[str, Any], *, top: bool) -> Kind:
    written = {name: how[0] for name, how in found["arguments"].items() if how[1] != "computed"}
    return Kind(
        arguments={**written, **(_META if top else {})},
        required=tuple(name for name, how in found["arguments"].items() if how[1] == "required"),
        blocks=(*found.get("blocks", {}), *(_META_BLOCKS if top else ())),
        attributes=tuple(found["arguments"]),
    )


@cache
def _schema() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("schema.json").read_text(encoding="utf-8")
    parsed: dict[str, Any] = json.loads(text)
    return parsed
