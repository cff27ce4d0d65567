"""Where a secret's value flows, decided by reference: a value that is harmless today is still a leak."""

from __future__ import annotations

from graders.evidence.facts import Facts
from lab_env.hcl import Attr, Expression, Span, constant, origins
from lab_env.hcl.addresses import in_module
from lab_env.text import parsed_json

# These say which secret or version it is, not what is in it.
_HARMLESS = frozenset(
    [
        "arn",
        "id",
        "secret_id",
        "version_id",
        "version_stage",
        "version_stages",
        "has_secret_string_wo",
        "secret_string_wo_version",
        "created_date",
        "region",
    ]
)
_HOLDERS = frozenset({"aws_secretsmanager_secret_version", "aws_secretsmanager_random_password"})


def secret_value_references(facts: Facts, module_path: str, expression: Expression) -> tuple[str, ...]:
    """The references through which a secret's value flows into an expression; a whole resource counts."""
    return tuple(
        sorted(
            f"{in_module(r.resource)}{'.' + r.attribute if r.attribute else ''}"
            for r in facts.flows_into(module_path, expression)
            if r.type in _HOLDERS and (r.attribute is None or r.attribute not in _HARMLESS)
        )
    )


def password_origins(facts: Facts) -> frozenset[Span]:
    """Where the literals stand that end up as the password of a first version."""
    found: set[Span] = set()
    for node in facts.tree.nodes.values():
        for block in node.module.resources.values():
            if block.labels[0] != "aws_secretsmanager_secret_version":
                continue
            for argument in ("secret_string", "secret_string_wo"):
                value = block.body.get(argument)
                if value is not None:
                    found |= _origins_of_password(facts, node.path, value)
    return frozenset(found)


def _origins_of_password(facts: Facts, module_path: str, value: Expression) -> set[Span]:
    """Of a value that is written as one text only the pieces count that have to do with its password."""
    literals = origins(facts.tree, module_path, value, steps=(Attr("password"),))
    parsed = parsed_json(text) if isinstance(text := constant(facts.tree, module_path, value), str) else None
    password = parsed.get("password") if isinstance(parsed, dict) else None
    if isinstance(password, str) and password:
        literals = tuple(o for o in literals if str(o.value) in password or password in str(o.value))
    return {o.span for o in literals if str(o.value)}
