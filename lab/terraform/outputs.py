"""The module's outputs, as a plan changes them and as the state has them.

An output's value may be a secret's, whatever it is called. So a value is shown only when it is one that the state has in the open:
the ARN, name or id of something that was built. Everything else is left out and said to be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lab.terraform.plan_diff import NEVER_SHOWN, sensitive_tree

HIDDEN = "(not shown: it is no ARN, name or id of what was built)"
_WORDS = {"create": "will be added", "update": "will change", "delete": "will be removed"}


@dataclass(frozen=True)
class OutputLine:
    """One output, and its value or what becomes of it."""

    name: str
    text: str


def of_state(state: Mapping[str, Any]) -> tuple[OutputLine, ...]:
    """List the outputs of a state, by name."""
    open_ = frozenset(_open_texts(state))
    outputs = state.get("outputs") or {}
    return tuple(OutputLine(name, _shown(outputs[name].get("value"), open_)) for name in sorted(outputs))


def of_plan(document: Mapping[str, Any]) -> tuple[OutputLine, ...]:
    """List the outputs that a plan changes, by name; their values are known when it was applied."""
    changes = document.get("output_changes") or {}
    found = ((name, changes[name].get("actions") or ()) for name in sorted(changes))
    return tuple(OutputLine(name, _WORDS[actions[0]]) for name, actions in found if actions and actions[0] in _WORDS)


def _shown(value: object, open_: frozenset[str]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return value if value in open_ else HIDDEN
    if isinstance(value, list) and value:
        return "[" + ", ".join(_shown(one, open_) for one in value) + "]"
    return HIDDEN


def _open_texts(state: Mapping[str, Any]) -> Iterator[str]:
    """Give the texts that stand in attributes of resources which hold nothing sensitive."""
    for resource in state.get("resources") or ():
        for instance in resource.get("instances") or ():
            hidden = NEVER_SHOWN | sensitive_tree(instance.get("sensitive_attributes") or ()).keys()
            for name, value in (instance.get("attributes") or {}).items():
                if resource.get("mode") == "managed" and name not in hidden and isinstance(value, str):
                    yield value
