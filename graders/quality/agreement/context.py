"""A request's context when a suite says that it is complete: every key that a policy asks for and that is not given is missing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lab_env.iam_policy import Principal
from lab_env.iam_policy.patterns import ContextValue

_VARIABLE = re.compile(r"\$\{\s*([^},\s]+)")


def closed(given: Mapping[str, Any], principal: Principal, documents: Iterable[Any]) -> dict[str, ContextValue]:
    """The context with an empty list, which means "known to be missing", for each key that the documents ask for and it lacks."""
    context: dict[str, ContextValue] = {key: _value(value) for key, value in given.items()}
    there = {key.lower() for key in context} | principal.context.keys()
    for document in documents:
        context.update({key: () for key in _asked_for(document) if key.lower() not in there})
    return context


def _value(value: Any) -> ContextValue:
    if isinstance(value, list | tuple):
        return [_text(one) for one in value]
    return _text(value)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _asked_for(document: Any) -> Iterator[str]:
    yield from _VARIABLE.findall(json.dumps(document))
    statements = document.get("Statement", ()) if isinstance(document, dict) else ()
    for statement in [statements] if isinstance(statements, dict) else statements:
        if isinstance(statement, dict):
            for keys in (statement.get("Condition") or {}).values():
                yield from keys
