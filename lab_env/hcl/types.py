"""Terraform's types: which one a value has, which one several can share, and how a value becomes another type's.

A tuple is a ``list`` and an object a ``dict``; what Terraform has made a list, a set or a map is a :class:`List`,
:class:`Set` or :class:`Map`, which know the type of their members also when there is none. (Sources:
https://developer.hashicorp.com/terraform/language/expressions/type-constraints, and cty's ``convert`` package.)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any, Final, TypeVar

from lab_env.hcl.numbers import Number, number_text, parse_number

Value = Any
"""What a constant is in Python: str, int, Fraction, bool, None, list, dict."""
_Instance = TypeVar("_Instance")
Type = Any
"""``"string"``, ``"number"``, ``"bool"``, ``ANY`` (that of null), or a pair of a kind and its members' types."""

ANY: Final = "any"
OPEN: Final = "open"
"""Of the members of a list or map of which only the members that there are are known."""
_COLLECTIONS: Final = frozenset({"list", "set", "map"})


class NotKnown(Exception):  # noqa: N818  (it is no error: the value is not known)
    """Ends an evaluation whose value is not known."""


class Refused(Exception):  # noqa: N818  (it is the module's error, not ours)
    """Ends an evaluation that Terraform certainly ends with an error."""


class Unknown:
    """The one value that stands for what is not known before the plan."""

    _only: Unknown | None = None

    def __new__(cls) -> Unknown:
        if cls._only is None:
            cls._only = super().__new__(cls)
        return cls._only

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        return False


UNKNOWN: Final = Unknown()


class ResourceValue(str):
    """A resource's attribute, whose value nobody knows yet: what an expression picks, not what it is.

    As a text it is ``${aws_kms_key.this["dev"].arn}``, so that what is built of it can be compared.
    """

    __slots__ = ()

    @property
    def address(self) -> str:
        """Seen from the module under test, its keys worked out: ``aws_kms_key.this["dev"].arn``."""
        return self[2:-1]


class List(list[Value]):
    """A list: all members are of one type."""

    __slots__ = ("of",)

    def __init__(self, members: Iterable[Value], of: Type) -> None:
        super().__init__(members)
        self.of = of


class Set(list[Value]):
    """A set, in Terraform's order."""

    __slots__ = ("of",)

    def __init__(self, members: Iterable[Value], of: Type) -> None:
        super().__init__(_in_order(members, of))
        self.of = of


class Map(dict[str, Value]):
    """A map: all values are of one type."""

    __slots__ = ("of",)

    def __init__(self, members: dict[str, Value], of: Type) -> None:
        super().__init__(members)
        self.of = of


def _in_order(members: Iterable[Value], of: Type) -> list[Value]:
    found = list(members)
    if of in ("string", "number", "bool"):
        if None in found:
            raise NotKnown
        return sorted(set(found))
    if len(found) > 1:
        raise NotKnown  # Terraform orders them by a hash
    return found


def to_text(value: Value) -> str:
    """A primitive as Terraform writes it into a template.

    :raises Refused: a list, an object or null.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int | Fraction):
        try:
            return number_text(value)
        except OverflowError:
            raise NotKnown from None
    raise Refused


def to_number(value: Value) -> Number:
    """A number, also one that is written as a text."""
    if isinstance(value, ResourceValue):
        raise NotKnown
    if isinstance(value, str):
        try:
            return parse_number(value)
        except ValueError:
            raise Refused from None
        except OverflowError:
            raise NotKnown from None
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        raise Refused
    return value


def to_whole(value: Value) -> int:
    """A number that must be whole."""
    number = to_number(value)
    if not isinstance(number, int):
        raise Refused
    if number.bit_length() > _WHOLE_BITS:
        raise Refused
    return number


_WHOLE_BITS: Final = 63


def to_bool(value: Value) -> bool:
    """A condition as Terraform converts it; anything else is an error of the module's."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in ("true", "1", "false", "0"):
        return value in ("true", "1")
    if isinstance(value, ResourceValue):
        raise NotKnown
    raise Refused


def type_of(value: Value) -> Type:
    """:raises NotKnown: a member is not known, and so is its type."""
    if value is None:
        return ANY
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | Fraction):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, List | Set | Map):
        if value.of == OPEN:
            raise NotKnown
        return (_KINDS[type(value)], value.of)
    if isinstance(value, list):
        return ("tuple", tuple(type_of(v) for v in value))
    if isinstance(value, dict):
        return ("object", tuple((k, type_of(value[k])) for k in sorted(value)))
    raise NotKnown


_KINDS: Final[dict[type, str]] = {List: "list", Set: "set", Map: "map"}


def unify(types: Sequence[Type]) -> Type:
    """The type that all can be converted to.

    :raises Refused: there is none.
    :raises NotKnown: which one it is is not worked out here.
    """
    first, *others = dict.fromkeys(types)
    if not others:
        return first
    present = [t for t in types if t != ANY]
    if len(present) < len(types):
        # Beside a null (of any type) primitives stay what they are; what becomes of others is not worked out.
        one = unify(present)
        if isinstance(one, str):
            return one
        raise NotKnown
    if all(isinstance(t, str) for t in types):
        if "string" not in types:
            raise Refused
        return "string"
    if any(isinstance(t, str) for t in types):
        raise Refused
    kinds = {kind for kind, _ in types}
    if kinds == {"tuple"}:
        if len({len(of) for _, of in types}) == 1:
            return ("tuple", tuple(unify(column) for column in zip(*(of for _, of in types), strict=True)))
        return ("list", unify([t for _, of in types for t in of]))
    if kinds == {"object"}:
        names = {tuple(k for k, _ in of) for _, of in types}
        if len(names) == 1:
            columns = zip(*(of for _, of in types), strict=True)
            return ("object", tuple((column[0][0], unify([t for _, t in column])) for column in columns))
        return ("map", unify([t for _, of in types for _, t in of]))
    for collection, structure in (("list", "tuple"), ("map", "object")):
        if kinds <= {collection, structure}:
            return (collection, unify([t for one in types for t in _member_types(one)]))
    if kinds == {"set"}:
        return ("set", unify([of for _, of in types]))
    if kinds & {"object", "map"} and kinds - {"object", "map"}:
        raise Refused
    raise NotKnown


def _member_types(one: Type) -> Iterator[Type]:
    kind, of = one
    if kind in _COLLECTIONS:
        yield of
    elif kind == "object":
        yield from (t for _, t in of)
    else:
        yield from of


def convert(value: Value, to: Type) -> Value:
    """A value as one of that type; what is not known in it stays so.

    :raises Refused: it cannot be one.
    """
    if value is None or value is UNKNOWN or to == ANY:
        return value
    if isinstance(to, str):
        if isinstance(value, ResourceValue):
            return value
        return _PRIMITIVES[to](value)
    kind, of = to
    if isinstance(value, List | Set | Map) and not value and not _could_be(value.of, of):
        raise Refused
    if kind == "map":
        found: Any = instance(value, dict)
        of = _settled(found.values(), of) if not isinstance(found, Map) or of != ANY else found.of
        return Map({k: convert(v, of) for k, v in found.items()}, _bare(of))
    if kind == "object":
        return _as_object(instance(value, dict), of)
    found = instance(value, list)
    if kind == "tuple":
        if isinstance(found, List | Set) or len(found) != len(of):
            raise Refused
        return [convert(v, t) for v, t in zip(found, of, strict=True)]
    of = _settled(found, of) if not isinstance(found, List | Set) or of != ANY else found.of
    made = [convert(v, of) for v in found]
    return List(made, _bare(of)) if kind == "list" else Set(made, _bare(of))


def _could_be(one: Type, other: Type) -> bool:
    """Whether Terraform has a conversion between two types of members, which it asks for even where there are none."""
    if {one, other} & {ANY, OPEN}:
        return True
    if isinstance(one, str) and isinstance(other, str):
        return one == other or "string" in (one, other)
    return isinstance(one, str) == isinstance(other, str)


def instance(value: Value, wanted: type[_Instance]) -> _Instance:
    """A value that is of this Python type.

    :raises NotKnown: it is a whole resource's.
    :raises Refused: it is of another.
    """
    if isinstance(value, ResourceValue):
        raise NotKnown
    if not isinstance(value, wanted):
        raise Refused
    return value


_PRIMITIVES: Final[dict[str, Callable[[Value], Value]]] = {"string": to_text, "number": to_number, "bool": to_bool}


def _settled(found: Iterable[Value], of: Type) -> Type:
    """The type of members: what they can share where any type is asked for."""
    if of != ANY:
        return of
    known = list(found)
    if any(v is UNKNOWN for v in known):
        # Only a text is certainly what it was beside another one, of which nothing is known.
        if not all(v is UNKNOWN or isinstance(v, str) for v in known):
            raise NotKnown
        return "string"
    return unify([type_of(v) for v in known] or [ANY])


def _bare(one: Type) -> Type:
    """A type without the defaults of its optional members."""
    if isinstance(one, str):
        return one
    kind, of = one
    if kind == "object":
        return (kind, tuple(sorted((name, _bare(type_)) for name, type_, *_ in of)))
    return (kind, tuple(_bare(t) for t in of) if kind == "tuple" else _bare(of))


def _as_object(value: dict[str, Value], of: Type) -> dict[str, Value]:
    made: dict[str, Value] = {}
    for name, wanted, *default in of:
        if name in value and not (value[name] is None and default and default[0] is not None):
            made[name] = convert(value[name], wanted)
        elif default:
            made[name] = convert(default[0], wanted)
        else:
            raise Refused
    return made


def equal(left: Value, right: Value) -> bool:
    """``==``: values of different types are different.

    :raises NotKnown: the type of a null within is not known.
    """
    if left is None or right is None:
        return left is right
    types = type_of(left), type_of(right)
    if _differ(*types):
        return False
    if _has_null(types[0]) or _has_null(types[1]) or _holds_null(left) or _holds_null(right):
        raise NotKnown
    return bool(left == right)


def _differ(one: Type, other: Type) -> bool:
    """Whether two types are certainly different, whatever the nulls in them are."""
    if ANY in (one, other):
        return False
    if isinstance(one, str) or isinstance(other, str):
        return bool(one != other)
    if one[0] in _COLLECTIONS or one[0] != other[0]:
        return one[0] != other[0] or _differ(one[1], other[1])
    if len(one[1]) != len(other[1]):
        return True
    if one[0] == "tuple":
        return any(_differ(a, b) for a, b in zip(one[1], other[1], strict=True))
    return any(a[0] != b[0] or _differ(a[1], b[1]) for a, b in zip(one[1], other[1], strict=True))


def _has_null(one: Type) -> bool:
    if isinstance(one, str):
        return one == ANY
    kind, of = one
    if kind in _COLLECTIONS:
        return _has_null(of)
    return any(_has_null(t) for t in _member_types(one))


def _holds_null(value: Value) -> bool:
    return any(member is None for member in members([value]))


def members(values: Iterable[Value]) -> Iterator[Value]:
    """Every value with all that is in it, however deep."""
    pending = list(values)
    while pending:
        value = pending.pop()
        yield value
        if isinstance(value, dict):
            pending += (*value.keys(), *value.values())
        elif isinstance(value, list):
            pending += value


def plain(value: Value) -> Value:
    """As it is given to others: lists and dicts without types, and Python's own numbers."""
    if isinstance(value, Fraction):
        number = float(value)
        if not math.isfinite(number):
            raise NotKnown
        return number
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value
