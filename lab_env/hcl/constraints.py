"""The types that variables and outputs are declared with: ``list(string)``, ``object({ name = optional(string, "x") })``."""

from __future__ import annotations

from collections.abc import Callable

from lab_env.hcl.model import Call, Expression, Literal, Object, Traversal, Tuple
from lab_env.hcl.types import ANY, NotKnown, Type, Value

_PRIMITIVES = frozenset({"string", "number", "bool"})
_COLLECTIONS = frozenset({"list", "set", "map"})


def type_constraint(expr: Expression, default: Callable[[Expression], Value]) -> Type:
    """The type that an expression in ``type`` means.

    :param default: gives the value of an optional member's default.
    :raises NotKnown: it is none.
    """
    match expr:
        case Traversal(root=name, steps=()) | Literal(value=str(name)) if name in _PRIMITIVES:
            return name
        case Traversal(root="any", steps=()):
            return ANY
        case Traversal(root=name, steps=()) if name in ("list", "map"):
            return (name, ANY)
        case Call(name=name, args=(of,)) if name in _COLLECTIONS:
            return (name, type_constraint(of, default))
        case Call(name="tuple", args=(Tuple(items=items),)):
            return ("tuple", tuple(type_constraint(item, default) for item in items))
        case Call(name="object", args=(Object(items=members),)):
            return ("object", tuple(_member(member.key, member.value, default) for member in members))
    raise NotKnown


def _member(key: Expression, value: Expression, default: Callable[[Expression], Value]) -> tuple[Value, ...]:
    if not isinstance(key, Literal):
        raise NotKnown
    match value:
        case Call(name="optional", args=(of,)):
            return (str(key.value), type_constraint(of, default), None)
        case Call(name="optional", args=(of, stand_in)):
            return (str(key.value), type_constraint(of, default), default(stand_in))
    return (str(key.value), type_constraint(value, default))
