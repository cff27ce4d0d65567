"""Terraform functions on constants. Each follows Terraform's documentation, and is held against Terraform itself by
``graders.quality.hcl_agreement``.

A function that is not here, or a case of one that is not written here, makes the value unknown, never wrong.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import itertools
import json
import math
import posixpath
import re
import string
import unicodedata
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from lab_env.hcl.numbers import Number, parse_number, rounded
from lab_env.hcl.templates import BLANKS
from lab_env.hcl.types import (
    ANY,
    UNKNOWN,
    List,
    Map,
    NotKnown,
    Refused,
    Set,
    Type,
    Value,
    convert,
    equal,
    instance,
    to_number,
    to_text,
    to_whole,
    type_of,
    unify,
)

MAX_TEXT = 1 << 20
_AS_IT_IS: Final = "as it is"
_NUMBERS: Final = ("list", "number")
_TEXTS: Final = ("list", "string")


@dataclass(frozen=True)
class Function:
    """What is called with its arguments converted to the types of its parameters; null is no argument, but as it is.

    :param rest: the type of every argument behind those of ``parameters``; None: there are no more.
    """

    run: Callable[..., Value]
    parameters: tuple[Type, ...]
    rest: Type | None = None

    def __call__(self, *args: Value) -> Value:
        """:raises Refused: an argument is one that Terraform refuses here.

        :raises NotKnown: the case is not worked out here.
        """
        if len(args) < len(self.parameters) or (self.rest is None and len(args) > len(self.parameters)):
            raise Refused
        return self.run(
            *(_argument(arg, type_) for arg, type_ in itertools.zip_longest(args, self.parameters, fillvalue=self.rest))
        )


def _argument(value: Value, type_: Type) -> Value:
    if type_ == _AS_IT_IS:
        return value
    if value is None:
        raise Refused
    if type_ == ANY:
        return value
    if value is UNKNOWN:
        raise NotKnown
    return convert(value, type_)


def result_size(name: str, args: Sequence[Value]) -> int:
    """What a call makes beyond the size of its arguments, in characters; 0 for one that makes no more than it is given."""
    match name, args:
        case "replace", [str(text), str(find), str(by)]:
            return (text.count(find) if find else len(text) + 1) * len(by)
        case "join", [str(separator), *lists]:
            return len(separator) * sum(len(one) for one in lists if isinstance(one, list))
        case "indent", [int(count), str(text)]:
            return count * text.count("\n")
        case "setproduct", lists:
            return math.prod(len(one) if isinstance(one, list) else 1 for one in lists) * len(lists)
        case (("format" | "formatlist"), [str(spec), *rest]):
            widths = sum(int(digits[:7]) for digits in re.findall(r"\d+", spec))
            return widths * max([1, *(len(one) for one in rest if isinstance(one, list))])
        case _:
            return 0


def encode_json(value: Value) -> str:
    """``jsonencode``: no spaces, keys in order, and ``<``, ``>``, ``&`` escaped."""
    parts: list[str] = []
    _encode(value, parts)
    return "".join(parts)


def _encode(value: Value, parts: list[str]) -> None:
    if value is None:
        parts.append("null")
    elif isinstance(value, dict):
        for number, key in enumerate(sorted(value)):
            parts += (",", _json_text(key), ":") if number else ("{", _json_text(key), ":")
            _encode(value[key], parts)
        parts.append("}" if value else "{}")
    elif isinstance(value, list):
        for number, member in enumerate(value):
            parts.append("," if number else "[")
            _encode(member, parts)
        parts.append("]" if value else "[]")
    elif isinstance(value, str):
        parts.append(_json_text(value))
    else:
        parts.append(to_text(value))


_ESCAPED_IN_JSON = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})


def _json_text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).translate(_ESCAPED_IN_JSON)


def _decode_json(text: str) -> Value:
    def refused(_: str) -> Value:
        raise NotKnown

    def number(literal: str) -> Number:
        if (literal.startswith("-") and not literal.strip("-0.")) or len(literal) > _LONGEST_NUMBER:
            raise NotKnown  # Terraform has a zero that is negative
        return parse_number(literal)

    try:
        found = json.loads(text, parse_int=number, parse_float=number, parse_constant=refused)
    except RecursionError:
        raise NotKnown from None  # nested deeper than Python reads
    if "\\u" in text and re.search(r"\\u[dD][89a-fA-F]", text):
        raise NotKnown  # halves of pairs
    return normalised(found)


_LONGEST_NUMBER = 200


def normalised(value: Value) -> Value:
    """Every text in Unicode's composed form, as Terraform keeps them."""
    if type(value) is str:
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if type(value) is list:
        return [normalised(v) for v in value]
    if type(value) is dict:
        return {normalised(k): normalised(v) for k, v in value.items()}
    return value


# -- text -------------------------------------------------------------------------------------------------------------

# Letters and signs that are one character to a reader, whose large and small forms are one letter in every program.
_PLAIN = re.compile(
    r"(?:[\x00-\x09\x0b\x0c\x0e-\x7f\u00a0-\u00ac\u00ae-\u012f\u0132-\u0148\u014a-\u017e\u0391-\u03a1\u03a4-\u03a9\u03b1-\u03c1"
    r"\u03c3-\u03c9\u0410-\u044f\u3041-\u3094\u30a1-\u30fa\u4e00-\u9fa5\u2010-\u2026\u2030-\u203b\u20ac\u2190-\u2193"
    r"\U0001f600-\U0001f640]|\n)*"
)


def _plain(text: str) -> str:
    """:raises NotKnown: its characters are not those that a reader would count."""
    if _PLAIN.fullmatch(text) is None:
        raise NotKnown
    return text


def _letters(text: str, change: Callable[[str], str]) -> str:
    if text.isascii():
        return change(text)
    return "".join(new if len(new := change(char)) == 1 else char for char in _plain(text))


def _title(text: str) -> str:
    before, done = " ", []
    for char in _plain(text):
        begins = not (before.isalnum() or before == "_") if before.isascii() else before.isspace()
        upper = char.upper()
        done.append(upper if begins and len(upper) == 1 else char)
        before = char
    return "".join(done)


def _substr(text: str, offset: int, length: int) -> str:
    """A negative offset counts from the end, a negative length goes up to it; so does none behind a negative offset."""
    characters = len(_plain(text))
    start = max(offset + characters, 0) if offset < 0 else offset
    to_the_end = length < 0 or (length == 0 and offset < 0)
    return text[start:] if to_the_end else text[start : start + length]


def _replace(text: str, find: str, by: str) -> str:
    if len(find) > 1 and find.startswith("/") and find.endswith("/"):
        raise NotKnown  # regular expressions are Go's, not evaluated here
    if not find:
        _plain(text)
    return text.replace(find, by)


def _split(separator: str, text: str) -> List:
    pieces = text.split(separator) if separator else list(_plain(text))
    return List([normalised(piece) for piece in pieces], "string")


def _join(separator: str, *lists: list[str]) -> str:
    if not lists:
        raise Refused
    texts = [to_text(text) for one in lists for text in one]
    return separator.join(texts)


def _indent(count: Number, text: str) -> str:
    if to_whole(count) < 0:
        raise Refused
    return text.replace("\n", "\n" + " " * to_whole(count))


def _chomp(text: str) -> str:
    end = len(text)
    while text.endswith("\n", 0, end):
        end -= 2 if text.endswith("\r\n", 0, end) else 1
    return text[:end]


def _trim(text: str, chars: str) -> str:
    return text.strip(chars) if chars else text


def _base64decode(text: str) -> str:
    if re.search(r"[^A-Za-z0-9+/=]", text):
        raise NotKnown
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise Refused from None


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


_ENCODINGS: Final = {"UTF-8": "utf-8", "ISO-8859-1": "latin-1", "UTF-16LE": "utf-16-le", "UTF-16BE": "utf-16-be"}


def _encoding(name: str) -> str:
    if name not in _ENCODINGS:
        raise NotKnown
    return _ENCODINGS[name]


_VERB = re.compile(r"%(%|([-+# 0]*+)(\d*+)(?:\.(\d++))?(?:\[(\d++)\])?([a-zA-Z]))")


def _format(spec: str, *args: Value) -> str:
    rest = iter(args)

    def one(match: re.Match[str]) -> str:
        if match[1] == "%":
            return "%"
        flags, width, verb = match[2], match[3], match[6]
        if match[4] or match[5] or "#" in flags or verb not in "sdvqtxXob" or len(width) > _WIDEST:
            raise NotKnown
        value = next(rest, UNKNOWN)
        if value is UNKNOWN:
            raise Refused
        if value is None:
            raise NotKnown
        text = _formatted(verb, value, flags)
        if verb == "t":
            return text
        return _padded(text, int(width or 0), flags, verb)

    if _VERB.sub("", spec).count("%"):
        raise NotKnown
    text = _VERB.sub(one, spec)
    if next(rest, UNKNOWN) is not UNKNOWN:
        raise Refused
    return text


_WIDEST = 4


def _formatted(verb: str, value: Value, flags: str) -> str:
    if verb in "dxXob":
        number = to_number(value)
        if not isinstance(number, int):
            raise Refused
        text = format(number, verb)
        return text if number < 0 or verb != "d" else ("+" if "+" in flags else " " if " " in flags else "") + text
    if verb == "t":
        return to_text(convert(value, "bool"))
    if verb == "v" and isinstance(value, list | dict):
        return encode_json(value)
    if verb == "v" and not isinstance(value, str | bool) and (flags or not _LEAST_PLAIN <= abs(value) < _MOST_PLAIN):
        raise NotKnown  # Go signs and fills a number, and writes large and small ones with an exponent
    text = to_text(value)
    return _json_text(text) if verb == "q" else text


_LEAST_PLAIN: Final = Fraction(1, 1_000)
_MOST_PLAIN: Final = 1_000_000


def _padded(text: str, width: int, flags: str, verb: str) -> str:
    if not width:
        return text
    missing = width - len(_plain(text))
    if missing <= 0:
        return text
    if "-" in flags:
        return text + " " * missing
    if "0" in flags:
        sign = text[:1] if verb in "dxXob" and text[:1] in ("-", "+", " ") else ""
        return sign + "0" * missing + text[len(sign) :]
    return " " * missing + text


def _formatlist(spec: str, *args: Value) -> List:
    lists = [a for a in args if isinstance(a, list)]
    if any(isinstance(a, dict) for a in args) or len({len(one) for one in lists}) > 1:
        raise NotKnown
    count = len(lists[0]) if lists else 1
    return List(
        [
            normalised(_format(spec, *(a[number] if isinstance(a, list) else a for a in args)))
            for number in range(count)
        ],
        "string",
    )


# -- numbers ----------------------------------------------------------------------------------------------------------


def _parseint(text: Value, base: int) -> int:
    if not isinstance(text, str):
        raise Refused
    if not 2 <= base <= 36 or len(text) > _LONGEST_NUMBER:
        raise NotKnown
    digits = (string.digits + string.ascii_lowercase)[:base]
    if re.fullmatch(rf"[+-]?[{digits}]+", text, re.IGNORECASE | re.ASCII) is None:
        raise Refused
    return _no_zero_below(int(text, base), text)


def _no_zero_below(number: int, text: str) -> int:
    if number == 0 and "-" in text:
        raise NotKnown
    return number


def _pow(base: Number, exponent: Number) -> Number:
    if (
        not (isinstance(base, int) and isinstance(exponent, int))
        or exponent < 0
        or abs(base) > _MOST
        or exponent > _MOST
    ):
        raise NotKnown
    power = int(base**exponent)
    if power.bit_length() > _EXACT:
        raise NotKnown  # Terraform reckons it with floating point
    return power


_MOST = 1_000
_EXACT = 53


def _range(*limits: Number) -> List:
    start, end, step = (0, *limits, None)[:3] if len(limits) == 1 else (*limits, None)[:3]
    assert start is not None and end is not None  # noqa: S101, PT018
    if step is None:
        step = -1 if end < start else 1
    if step == 0 or ((end < start) != (step < 0) and start != end):
        raise NotKnown
    count = math.ceil((end - start) / Fraction(step))
    if count > _LONGEST_RANGE:
        raise Refused
    members = [Fraction(start)]
    while len(members) < count:
        members.append(Fraction(rounded(members[-1] + step)))
    return List([rounded(member) for member in members[: max(count, 0)]], "number")


_LONGEST_RANGE = 1_024


def _sum(numbers: list[Number]) -> Number:
    if not numbers or None in numbers:
        raise Refused
    total: Number = 0
    for number in numbers:
        total = rounded(total + number)
    return total


# -- collections ------------------------------------------------------------------------------------------------------


def _is_tuple(value: Value) -> bool:
    return isinstance(value, list) and not isinstance(value, List | Set)


def _sequence(value: Value) -> list[Value]:
    return instance(value, list)


def _ordered(value: Value) -> list[Value]:
    if isinstance(value, Set):
        raise Refused
    return instance(value, list)


def _mapping(value: Value) -> dict[str, Value]:
    return instance(value, dict)


def _list(value: Value) -> List:
    found = convert(value, ("list", ANY))
    if not isinstance(found, List):
        raise NotKnown
    return found


def _concat(*lists: Value) -> Value:
    found = [_ordered(one) for one in lists]
    if not found:
        raise NotKnown
    together = [v for one in found for v in one]
    if all(isinstance(one, List) for one in found):
        of = unify([one.of for one in found if isinstance(one, List)])
        return List([convert(v, of) for v in together], of)
    return together


def _merge(*maps: Value) -> Value:
    found = [_mapping(one) for one in maps if one is not None]
    together = {k: v for one in found for k, v in one.items()}
    types = {one.of for one in found if isinstance(one, Map)}
    if found and len(types) == 1 and all(isinstance(one, Map) for one in found):
        return Map(together, types.pop())
    return together


def _flatten(value: Value) -> Value:
    return [v for item in _sequence(value) for v in (_flatten(item) if isinstance(item, list) else [item])]


def _coalesce(*values: Value) -> Value:
    of = unify([type_of(v) for v in values] or [ANY])
    for value in values:
        found = convert(value, of)
        if found is not None and found != "":
            return found
    raise Refused


def _coalescelist(*lists: Value) -> Value:
    if None in lists:
        raise NotKnown  # whether it may stand there depends on its type
    found = [_ordered(one) for one in lists]
    if any(isinstance(one, List) for one in found) and len({type_of(one) for one in found}) > 1:
        raise NotKnown
    return next(one for one in found if one)


def _lookup(map_: Value, key: str, *default: Value) -> Value:
    found = _mapping(map_)
    if len(default) > 1:
        raise NotKnown
    if isinstance(found, Map):
        # What stands in for a missing value becomes one of the map's, and must be able to, also when nothing is missing.
        other = [convert(d, found.of) for d in default]
        return found[key] if key in found or not other else other[0]
    return found[key] if key in found or not default else default[0]


def _keys(map_: Value) -> Value:
    found = sorted(_mapping(map_))
    return List(found, "string") if isinstance(map_, Map) else found


def _values(map_: Value) -> Value:
    found = [map_[k] for k in sorted(_mapping(map_))]
    return List(found, map_.of) if isinstance(map_, Map) else found


def _contains(value: Value, wanted: Value) -> bool:
    if wanted is None:
        raise Refused
    return any(equal(member, wanted) for member in _sequence(value))


def _index(value: Value, wanted: Value) -> int:
    return [equal(member, wanted) for member in _ordered(value)].index(True)


def _element(value: Value, index: int) -> Value:
    found = _ordered(value)
    if index < 0:
        raise NotKnown  # Terraform 1.15 counts from the end, 1.11 refuses it
    return found[index % len(found)]


def _length(value: Value) -> int:
    if isinstance(value, str):
        return len(_plain(value))
    return len(value) if isinstance(value, dict) else len(instance(value, list))


def _one(value: Value) -> Value:
    found = _sequence(value)
    if len(found) > 1:
        raise Refused
    return found[0] if found else None


def _reverse(value: Value) -> Value:
    found = _sequence(value)
    if _is_tuple(found):
        return found[::-1]
    assert isinstance(found, List | Set)  # noqa: S101
    return List(list(found)[::-1], found.of)


def _slice(value: Value, start: int, end: int) -> Value:
    found = _ordered(value)
    if not 0 <= start <= end <= len(found):
        raise Refused
    return List(found[start:end], found.of) if isinstance(found, List) else found[start:end]


def _distinct(value: Value) -> Value:
    found = _list(value)
    if all(isinstance(v, str) for v in found):
        return List(dict.fromkeys(found), found.of)
    if len(found) > _LONGEST_RANGE:
        raise NotKnown  # each would be held against all others
    return List((x for i, x in enumerate(found) if not any(equal(x, y) for y in found[:i])), found.of)


def _chunklist(value: Value, size: int) -> Value:
    found = _list(value)
    if size < 0:
        raise Refused
    of = ("list", found.of)
    starts = range(0, len(found), size or max(len(found), 1))
    return List((List(found[at : at + size] if size else found, found.of) for at in starts), of)


def _sort(texts: list[Value]) -> Value:
    if None in texts:
        raise Refused
    return List(sorted(texts), "string")


def _compact(texts: list[Value]) -> Value:
    return List([text for text in texts if text not in (None, "")], "string")


def _zipmap(keys: list[str], values: Value) -> Value:
    found = _ordered(values)
    if None in keys or isinstance(found, Set):
        raise NotKnown
    together = dict(zip(keys, found, strict=True))
    return Map(together, found.of) if isinstance(found, List) else together


def _sets(*given: Value) -> list[Set]:
    found = [convert(one, ("set", ANY)) for one in given]
    of = unify([one.of for one in found])
    if not isinstance(of, str) or (of == ANY and any(found)):
        raise NotKnown
    return [Set((convert(v, of) for v in one), of) for one in found]


def _setunion(*given: Value) -> Value:
    found = _sets(*given)
    return Set((v for one in found for v in one), found[0].of)


def _setintersection(*given: Value) -> Value:
    found = _sets(*given)
    return Set((v for v in found[0] if all(v in one for one in found)), found[0].of)


def _setsubtract(left: Value, right: Value) -> Value:
    found = _sets(left, right)
    return Set((v for v in found[0] if v not in found[1]), found[0].of)


def _setproduct(*given: Value) -> Value:
    if len(given) < 2 or any(isinstance(one, Set) for one in given):
        raise NotKnown  # of sets it is a set of tuples, whose order is Terraform's own
    lists = [_list(one) for one in given]
    if not all(type_of(v) == one.of for one in lists for v in one):
        raise NotKnown
    of = ("tuple", tuple(one.of for one in lists))
    return List((list(row) for row in itertools.product(*lists)), of)


def _matchkeys(values: Value, keys: Value, wanted: Value) -> Value:
    found, by, those = _list(values), _list(keys), _list(wanted)
    if not by or not those or by.of != those.of:
        raise NotKnown
    return List((v for v, k in zip(found, by, strict=True) if any(equal(k, one) for one in those)), found.of)


def _transpose(map_: Mapping[str, list[str]]) -> Value:
    turned: dict[str, list[str]] = {}
    for key in sorted(map_):
        for text in map_[key]:
            turned.setdefault(text, []).append(key)
    return Map({k: List(sorted(turned[k]), "string") for k in turned}, _TEXTS)


def _alltrue(values: list[Value]) -> bool:
    return all(value is True for value in values)


def _anytrue(values: list[Value]) -> bool:
    if None in values:
        raise NotKnown
    return any(values)


def _same(value: Value) -> Value:
    return value


def _converted(to: Type) -> Function:
    return Function(lambda value: convert(value, to), (_AS_IT_IS,))


def _hashed(name: str) -> Callable[[str], Any]:
    return lambda text: hashlib.new(name, text.encode(), usedforsecurity=False)


def _text(run: Callable[..., Value], count: int = 1) -> Function:
    """A function of texts."""
    return Function(run, ("string",) * count)


FUNCTIONS: Final[Mapping[str, Function]] = {
    "abs": Function(abs, ("number",)),
    "alltrue": Function(_alltrue, (("list", "bool"),)),
    "anytrue": Function(_anytrue, (("list", "bool"),)),
    "base64decode": _text(_base64decode),
    "base64encode": _text(lambda s: _base64(s.encode())),
    "base64sha256": _text(lambda s: _base64(_hashed("sha256")(s).digest())),
    "base64sha512": _text(lambda s: _base64(_hashed("sha512")(s).digest())),
    "basename": _text(lambda s: posixpath.basename(s.rstrip("/")) or ("/" if s else ".")),
    "ceil": Function(math.ceil, ("number",)),
    "chomp": _text(_chomp),
    "chunklist": Function(lambda v, n: _chunklist(v, to_whole(n)), (ANY, "number")),
    "coalesce": Function(_coalesce, (), _AS_IT_IS),
    "coalescelist": Function(_coalescelist, (), _AS_IT_IS),
    "compact": Function(_compact, (_TEXTS,)),
    "concat": Function(_concat, (), ANY),
    "contains": Function(_contains, (ANY, ANY)),
    "distinct": Function(_distinct, (ANY,)),
    "element": Function(lambda v, i: _element(v, to_whole(i)), (ANY, "number")),
    "endswith": _text(lambda s, end: s.endswith(end), 2),
    "flatten": Function(_flatten, (ANY,)),
    "floor": Function(math.floor, ("number",)),
    "format": Function(_format, ("string",), _AS_IT_IS),
    "formatlist": Function(_formatlist, ("string",), _AS_IT_IS),
    "indent": Function(_indent, ("number", "string")),
    "index": Function(_index, (ANY, ANY)),
    "join": Function(_join, ("string",), _TEXTS),
    "jsondecode": _text(_decode_json),
    "jsonencode": Function(encode_json, (_AS_IT_IS,)),
    "keys": Function(_keys, (ANY,)),
    "length": Function(_length, (ANY,)),
    "lookup": Function(_lookup, (ANY, "string"), _AS_IT_IS),
    "lower": _text(lambda s: _letters(s, str.lower)),
    "matchkeys": Function(_matchkeys, (ANY, ANY, ANY)),
    "max": Function(lambda *numbers: max(numbers), ("number",), "number"),
    "md5": _text(lambda s: _hashed("md5")(s).hexdigest()),
    "merge": Function(_merge, (), _AS_IT_IS),
    "min": Function(lambda *numbers: min(numbers), ("number",), "number"),
    "nonsensitive": Function(_same, (_AS_IT_IS,)),
    "one": Function(_one, (ANY,)),
    "parseint": Function(lambda s, base: _parseint(s, to_whole(base)), (ANY, "number")),
    "pow": Function(_pow, ("number", "number")),
    "range": Function(_range, ("number",), "number"),
    "replace": _text(_replace, 3),
    "reverse": Function(_reverse, (ANY,)),
    "sensitive": Function(_same, (_AS_IT_IS,)),
    "setintersection": Function(_setintersection, (ANY,), ANY),
    "setproduct": Function(_setproduct, (), ANY),
    "setsubtract": Function(_setsubtract, (ANY, ANY)),
    "setunion": Function(_setunion, (ANY,), ANY),
    "sha1": _text(lambda s: _hashed("sha1")(s).hexdigest()),
    "sha256": _text(lambda s: _hashed("sha256")(s).hexdigest()),
    "sha512": _text(lambda s: _hashed("sha512")(s).hexdigest()),
    "signum": Function(lambda n: (to_whole(n) > 0) - (to_whole(n) < 0), ("number",)),
    "slice": Function(lambda v, a, b: _slice(v, to_whole(a), to_whole(b)), (ANY, "number", "number")),
    "sort": Function(_sort, (_TEXTS,)),
    "split": _text(_split, 2),
    "startswith": _text(lambda s, start: s.startswith(start), 2),
    "strcontains": _text(lambda s, part: part in s, 2),
    "strrev": _text(lambda s: _plain(s)[::-1]),
    "substr": Function(lambda s, a, n: _substr(s, to_whole(a), to_whole(n)), ("string", "number", "number")),
    "sum": Function(lambda v: _sum(convert(_sequence(v), _NUMBERS)), (ANY,)),
    "textdecodebase64": _text(lambda s, name: base64.b64decode(s, validate=True).decode(_encoding(name)), 2),
    "textencodebase64": _text(lambda s, name: _base64(s.encode(_encoding(name))), 2),
    "title": _text(_title),
    "tobool": _converted("bool"),
    "tolist": _converted(("list", ANY)),
    "tomap": _converted(("map", ANY)),
    "tonumber": _converted("number"),
    "toset": _converted(("set", ANY)),
    "tostring": _converted("string"),
    "transpose": Function(_transpose, (("map", _TEXTS),)),
    "trim": _text(_trim, 2),
    "trimprefix": _text(lambda s, prefix: s.removeprefix(prefix), 2),
    "trimspace": _text(lambda s: s.strip(BLANKS)),
    "trimsuffix": _text(lambda s, suffix: s.removesuffix(suffix), 2),
    "upper": _text(lambda s: _letters(s, str.upper)),
    "urlencode": _text(lambda s: urllib.parse.quote_plus(s, safe="")),
    "values": Function(_values, (ANY,)),
    "zipmap": Function(_zipmap, (_TEXTS, ANY)),
}
