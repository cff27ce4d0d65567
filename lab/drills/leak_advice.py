"""What to do about a leak, by what put the value there: an argument, an output, a data source, an import, a file for variables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_HIDDEN = "•" * 8
_NAMED_VALUE = re.compile(r"""\s*["']?[\w.-]{1,60}["']?\s*[=:]\s*""")
_INDEX = re.compile(r"resources\[(\d+)\]")


def of_file(shown: str, what: str) -> str:
    """Say what to do about a value that stands in a file."""
    if "output" in what:
        return "Take the output out and output the secret's ARN instead; then rotate, because the state has the value."
    if "comment" in what:
        return "Delete the comment, and rotate the value if it was ever real."
    if shown.endswith(".tfvars"):
        return "Take the value out and keep the file out of Git; set the value through the API, and rotate it."
    return "Put a placeholder in its place; set the value through the API, and rotate it."


def of_state(origin: str) -> str:
    """Say what to do about a value that is in a state or a saved plan.

    :param origin: as :func:`origin` tells it; empty when that is not known.
    """
    if origin.startswith("output "):
        return f"The {origin} put it there. Take the output out, apply, then rotate the value."
    if origin.startswith("data."):
        return f"{origin} read it back. Take the data source out, apply, then rotate the value."
    if origin:
        return (
            f"An argument of {origin}, or an import of it, put it there. Keep a placeholder there, or use secret_string_wo; apply, "
            "then rotate the value."
        )
    return "Find what reads the value into the state: an argument, an output, a data source, an import. Take it out, apply, rotate."


def origin(document: object, path: str) -> str:
    """Tell what holds the value at a path of a state file's document: ``output x``, ``data.type.name``, or an address.

    :param path: such as ``resources[2].instances[0].attributes.secret_string``.
    """
    if path.startswith("outputs."):
        return f"output {path.split('.')[1]}"
    found = _INDEX.match(path)
    resources = document.get("resources") if isinstance(document, Mapping) else None
    if found is None or not isinstance(resources, list) or int(found[1]) >= len(resources):
        return ""
    resource = resources[int(found[1])]
    if not isinstance(resource, Mapping):
        return ""
    data = "data." if resource.get("mode") == "data" else ""
    return f"{data}{resource.get('type')}.{resource.get('name')}"


def places(document: object, holds: Callable[[str], bool]) -> Iterator[str]:
    """Find the paths of all texts in a JSON document that hold something; without recursion, however deep it is nested."""
    pending: list[tuple[str, Any]] = [("", document)]
    while pending:
        here, node = pending.pop()
        if isinstance(node, Mapping):
            pending += [(f"{here}.{key}".lstrip("."), inner) for key, inner in node.items()]
        elif isinstance(node, list):
            pending += [(f"{here}[{index}]", inner) for index, inner in enumerate(node)]
        elif isinstance(node, str) and holds(node):
            yield here


def masked(line: str) -> str:
    """Show of a line what the value is called, and nothing of the value: ``default = ••••••••``."""
    named = _NAMED_VALUE.match(line)
    return f"{named[0].strip()} {_HIDDEN}" if named else _HIDDEN
