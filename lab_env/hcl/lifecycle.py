"""``lifecycle`` is not in Terraform's plan JSON, so it is read here."""

from __future__ import annotations

from lab_env.hcl.model import Attr, Block, Index, Literal, Span, Traversal, Tuple


def ignore_changes(block: Block) -> tuple[tuple[str, Span], ...]:
    """The arguments a resource's ``lifecycle`` ignores, with their places.

    ``all`` is given as ``"all"``. A bare and a quoted name are the same to Terraform; ``tags["Name"]`` is
    ``tags.Name``, which ignores a part of the argument only.
    """
    found: list[tuple[str, Span]] = []
    for lifecycle in block.body.blocks_of("lifecycle"):
        value = lifecycle.body.get("ignore_changes")
        items = value.items if isinstance(value, Tuple) else (value,) if value is not None else ()
        for item in items:
            if isinstance(item, Literal) and isinstance(item.value, str):
                found.append((item.value, item.span))
            elif isinstance(item, Traversal):
                found.append((_dotted(item), item.span))
    return tuple(found)


def _dotted(expr: Traversal) -> str:
    parts = [expr.root]
    for step in expr.steps:
        if isinstance(step, Attr):
            parts.append(step.name)
        elif isinstance(step, Index) and isinstance(step.key, Literal):
            parts.append(str(step.key.value))
    return ".".join(parts)
