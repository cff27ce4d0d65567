"""Terraform functions on constants: the few that build texts and collections. Each follows Terraform's documentation.

A function that is not here makes the value unknown, never wrong.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import urllib.parse
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

Value = Any
"""What a constant is in Python: str, int, float, bool, None, list, dict."""

MAX_TEXT = 1 << 20


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


def result_size(name: str, args: Sequence[Value]) -> int:
    """What a call makes beyond the size of its arguments, in characters; 0 for one that makes no more than it is given."""
    match name, args:
        case "replace", [str(text), str(find), str(by)]:
            return text.count(find) * len(by)
        case "join", [str(separator), *lists]:
            return len(separator) * sum(len(one) for one in lists if isinstance(one, list))
        case _:
            return 0


def to_text(value: Value) -> str:
    """A primitive as Terraform writes it into a template.

    :raises TypeError: a list, an object or null.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, int | float | str):
        return str(value)
    raise TypeError("only primitives have a text")


def encode_json(value: Value) -> str:
    """``jsonencode``: no spaces, keys in order, and ``<``, ``>``, ``&`` escaped."""
    text = json.dumps(_ordered(value), separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _ordered(value: Value) -> Value:
    if isinstance(value, dict):
        return {k: _ordered(value[k]) for k in sorted(value)}
    if isinstance(value, list):
        return [_ordered(v) for v in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value


_VERB = re.compile(r"%(%|[-+# 0]*+(\d*+)(?:\.(\d++))?(?:\[(\d++)\])?([a-zA-Z]))")


def _format(spec: str, *args: Value) -> str:
    rest = iter(args)

    def one(match: re.Match[str]) -> str:
        if match[1] == "%":
            return "%"
        if match[1] not in ("s", "d", "v", "q") or match[4]:
            raise ValueError("a verb that is not evaluated here")
        value = next(rest)
        if match[1] == "d":
            return str(int(value))
        if match[1] == "q":
            return json.dumps(to_text(value), ensure_ascii=False)
        return encode_json(value) if match[1] == "v" and isinstance(value, list | dict) else to_text(value)

    text = _VERB.sub(one, spec)
    if next(rest, UNKNOWN) is not UNKNOWN:
        raise ValueError("too many arguments")
    return text


def _replace(text: str, find: str, by: str) -> str:
    if len(find) > 1 and find.startswith("/") and find.endswith("/"):
        raise ValueError("regular expressions are Go's, not evaluated here")
    return text.replace(find, by)


def _merge(*maps: Mapping[str, Value] | None) -> dict[str, Value]:
    return {k: v for m in maps if m is not None for k, v in m.items()}


def _concat(*lists: list[Value]) -> list[Value]:
    return [v for one in lists for v in one]


def _flatten(value: list[Value]) -> list[Value]:
    return [v for item in value for v in (_flatten(item) if isinstance(item, list) else [item])]


def _coalesce(*values: Value) -> Value:
    return next(v for v in values if v is not None and v != "")


def _lookup(map_: Mapping[str, Value], key: str, *default: Value) -> Value:
    return map_[key] if key in map_ or not default else default[0]


def _toset(value: list[Value] | Mapping[str, Value]) -> list[Value]:
    items = list(value)
    return sorted(set(items), key=to_text)


def _distinct(value: list[Value]) -> list[Value]:
    if len(value) > 1_000:
        return list(
            dict.fromkeys(value)
        )  # of lists and objects: not known, since each would be held against all others
    return [x for i, x in enumerate(value) if x not in value[:i]]


def _trimprefix(text: str, prefix: str) -> str:
    return text.removeprefix(prefix)


def _one(value: list[Value]) -> Value:
    if len(value) > 1:
        raise ValueError("more than one element")
    return value[0] if value else None


def _same(value: Value) -> Value:
    return value


def _substr(text: str, offset: float, length: float) -> str:
    """A negative offset counts from the end, a negative length goes up to it."""
    start = int(offset) + (len(text) if offset < 0 else 0)
    return text[start:] if length < 0 else text[start : start + int(length)]


FUNCTIONS: Final[Mapping[str, Callable[..., Value]]] = {
    "base64decode": lambda s: base64.b64decode(s, validate=True).decode(),
    "base64encode": lambda s: base64.b64encode(s.encode()).decode(),
    "chomp": lambda s: s.rstrip("\r\n"),
    "coalesce": _coalesce,
    "compact": lambda v: [i for i in v if i not in (None, "")],
    "concat": _concat,
    "contains": lambda v, x: x in v,
    "distinct": _distinct,
    "element": lambda v, i: v[int(i) % len(v)],
    "endswith": lambda s, end: s.endswith(end),
    "flatten": _flatten,
    "format": _format,
    "join": lambda sep, *lists: sep.join(to_text(v) for v in _concat(*lists)),
    "jsondecode": lambda s: json.loads(s),
    "jsonencode": encode_json,
    "index": lambda v, x: v.index(x),
    "keys": sorted,
    "length": len,
    "lookup": _lookup,
    "lower": lambda s: s.lower(),
    "md5": lambda s: hashlib.md5(s.encode(), usedforsecurity=False).hexdigest(),
    "merge": _merge,
    "nonsensitive": _same,
    "one": _one,
    "replace": _replace,
    "reverse": lambda v: v[::-1],
    "sensitive": _same,
    "sha1": lambda s: hashlib.sha1(s.encode(), usedforsecurity=False).hexdigest(),
    "sha256": lambda s: hashlib.sha256(s.encode()).hexdigest(),
    "sha512": lambda s: hashlib.sha512(s.encode()).hexdigest(),
    "sort": lambda v: sorted(v),
    "split": lambda sep, s: s.split(sep) if sep else list(s),
    "startswith": lambda s, start: s.startswith(start),
    "strcontains": lambda s, part: part in s,
    "strrev": lambda s: s[::-1],
    "substr": _substr,
    "title": lambda s: re.sub(r"(^|\s)(\w)", lambda m: m[1] + m[2].upper(), s),
    "tobool": _same,
    "tolist": list,
    "tomap": dict,
    "tonumber": lambda v: v if isinstance(v, int | float) else float(v),
    "toset": _toset,
    "tostring": lambda v: None if v is None else to_text(v),
    "trim": lambda s, chars: s.strip(chars),
    "trimprefix": _trimprefix,
    "trimspace": lambda s: s.strip(),
    "trimsuffix": lambda s, suffix: s.removesuffix(suffix),
    "upper": lambda s: s.upper(),
    "urlencode": lambda s: urllib.parse.quote_plus(s),
    "values": lambda m: [m[k] for k in sorted(m)],
    "zipmap": lambda k, v: dict(zip(k, v, strict=True)),
}
