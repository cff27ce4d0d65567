"""Expressions of every kind that Terraform has, made from a seed; mostly right ones, some of nearly right types."""
# ruff: noqa: E501 - tables whose rows are wider than long

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

from graders.quality.hcl_agreement.made import Made, made

CONTEXT: Final = """variable "words" {
  type    = list(string)
  default = ["one", 2, "é", true]
}
variable "settings" {
  type = object({
    name  = string
    size  = optional(number, "7")
    tags  = optional(map(string), { a = 1 })
    extra = optional(bool)
  })
  default = { name = 12, size = null, other = "left out" }
}
variable "port" {
  type    = string
  default = 5432
}
variable "open" {
  type    = any
  default = { list = [1, "2"], on = "true" }
}
variable "plain" {
  default = [{ k = "x", n = 1 }, { k = "y", n = 2 }]
}
locals {
  s     = "Word"
  n     = 3
  on    = true
  none  = null
  list  = ["p", "q", "r"]
  mixed = [1, "two", true]
  map   = { b = "two", a = "one" }
  deep  = { list = [{ a = 1, b = ["x"] }, { a = 2, b = ["y", "z"] }], "a b" = "c" }
  set   = toset(["z", "y", 1])
}
"""
"""What the expressions can name."""

_NUMBERS: Final = (
    *("0", "1", "2", "3", "7", "10", "42", "255", "1.5", "0.25", "0.1", "2.50", "1e3", "1E-2", "1.5e+2", "007"),
    *(
        "12345678901234567890",
        "123456789012345678901234567890",
        "0.30000000000000000000004",
        "9007199254740993",
        "1000000",
        "0.00001",
    ),
)
_TEXTS: Final = (
    *(
        "",
        "a",
        "abc",
        "Hello-World",
        "a,b,,c",
        " x y ",
        "1",
        "10",
        "1.50",
        "1e2",
        "-3",
        "true",
        "false",
        "null",
        "aGVsbG8=",
    ),
    *(
        "é",
        "e\u0301",
        "ß",
        "Ünï cödé",
        "日本",
        "👍🏽",
        "a\\tb\\n",
        'q\\"q',
        "back\\\\slash",
        "\\u00e9\\U0001F600",
        "<&>'",
    ),
    *(
        "$${x}",
        "%%{x}",
        "$",
        "%d",
        "%s-%v",
        "$$",
        "100%",
        "a/b/c.txt",
        '{\\"k\\":[1,2.0,null]}',
        '[1,\\"a\\"]',
        "x\\r\\n",
        "ǆ",
    ),
)
_NAMES: Final = {
    "number": ("local.n", "var.settings.size", "var.plain[1].n"),
    "string": (
        "local.s",
        "var.port",
        "var.settings.name",
        'local.map["b"]',
        "local.map.a",
        "var.words[1]",
        "local.list.0",
    ),
    "bool": ("local.on", "var.settings.extra == null"),
    "texts": ("local.list", "var.words", "local.set", "var.plain[*].k", "local.deep.list[1].b"),
    "numbers": ("local.deep.list[*].a", "local.deep.list.*.a", "var.plain[*].n"),
    "any list": ("local.mixed", "local.deep.list", "var.open.list", "var.plain"),
    "map": ("local.map", "var.settings.tags"),
    "object": ("local.deep", "var.settings", "var.open", "local.deep.list[0]"),
}
_KINDS: Final = ("number", "string", "bool", "texts", "numbers", "any list", "map", "object")
# Each with the kinds of its arguments; * behind one: none or more of it.
_FUNCTIONS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "number": (
        *(("abs", "number"), ("ceil", "number"), ("floor", "number"), ("max", "number", "number", "number*")),
        *(("min", "number", "number*"), ("signum", "number"), ("parseint", "string", "small"), ("pow", "small", "small")),
        *(("length", "string"), ("length", "texts"), ("length", "map"), ("length", "object"), ("sum", "numbers")),
        *(("tonumber", "number"), ("tonumber", "string"), ("index", "texts", "string"), ("index", "any list", "any")),
        *(("log", "number", "small"), ("timecmp", "time", "time")),
    ),
    "string": (
        *(("base64decode", "string"), ("base64encode", "string"), ("base64sha256", "string"), ("base64sha512", "string")),
        *(("basename", "string"), ("chomp", "string"), ("dirname", "string"), ("format", "spec", "any*"), ("indent", "small", "string")),
        *(("join", "string", "texts"), ("join", "string", "numbers"), ("join", "string", "texts", "texts"), ("jsonencode", "any")),
        *(("lower", "string"), ("md5", "string"), ("replace", "string", "string", "string"), ("sha1", "string"), ("sha256", "string")),
        *(("sha512", "string"), ("strrev", "string"), ("substr", "string", "small", "small"), ("title", "string"), ("tostring", "any")),
        *(("trim", "string", "string"), ("trimprefix", "string", "string"), ("trimspace", "string"), ("trimsuffix", "string", "string")),
        *(("upper", "string"), ("urlencode", "string"), ("coalesce", "string", "string", "string*"), ("one", "texts"), ("lookup", "map", "key", "string")),
        *(("element", "texts", "small"), ("textencodebase64", "string", "encoding"), ("format", "spec", "string", "number")),
        *(("yamlencode", "any"), ("regex", "pattern", "string"), ("uuidv5", "space", "string"), ("timeadd", "time", "span")),
        *(("cidrhost", "net", "small"), ("cidrnetmask", "net"), ("cidrsubnet", "net", "small", "small"), ("formatdate", "date", "time")),
        *(("base64gzip", "string"), ("textdecodebase64", "string", "encoding")),
    ),
    "bool": (
        *(("alltrue", "bools"), ("anytrue", "bools"), ("contains", "texts", "string"), ("contains", "any list", "any")),
        *(("endswith", "string", "string"), ("startswith", "string", "string"), ("strcontains", "string", "string")),
        *(("tobool", "bool"), ("tobool", "string"), ("can", "any"), ("issensitive", "any")),
    ),
    "texts": (
        *(("compact", "texts"), ("distinct", "texts"), ("formatlist", "spec", "texts"), ("formatlist", "spec", "string", "texts")),
        *(("keys", "map"), ("keys", "object"), ("reverse", "texts"), ("sort", "texts"), ("split", "string", "string"), ("values", "map")),
        *(("tolist", "texts"), ("toset", "texts"), ("slice", "texts", "small", "small"), ("setunion", "texts", "texts"), ("concat", "texts", "texts")),
        *(("setintersection", "texts", "texts"), ("setsubtract", "texts", "texts"), ("coalescelist", "texts", "texts"), ("cidrsubnets", "net", "small")),
        *(("matchkeys", "texts", "texts", "texts"), ("regexall", "pattern", "string")),
    ),
    "numbers": (
        *(("range", "small"), ("range", "small", "small"), ("range", "small", "small", "small"), ("tolist", "numbers")),
        *(("toset", "numbers"), ("concat", "numbers", "numbers"), ("distinct", "numbers"), ("reverse", "numbers")),
    ),
    "any list": (
        *(("chunklist", "texts", "small"), ("concat", "any list", "texts"), ("flatten", "any list"), ("setproduct", "texts", "numbers")),
        *(("tolist", "any list"), ("toset", "any list"), ("values", "object"), ("reverse", "any list"), ("distinct", "any list")),
        *(("slice", "any list", "small", "small"), ("jsondecode", "json"), ("csvdecode", "csv")),
    ),
    "map": (
        *(("merge", "map", "map"), ("tomap", "map"), ("tomap", "object"), ("zipmap", "texts", "texts"), ("transpose", "map")),
    ),
    "object": (
        *(("merge", "object", "map"), ("merge", "object", "object*"), ("jsondecode", "json"), ("zipmap", "texts", "any list")),
        *(("yamldecode", "json"),),
    ),
    "any": (
        *(("try", "any", "any"), ("coalesce", "any", "any"), ("lookup", "object", "key", "any"), ("nonsensitive", "any"), ("sensitive", "any")),
        *(("element", "any list", "small"), ("one", "any list"), ("jsondecode", "json"), ("ephemeralasnull", "any")),
    ),
}  # fmt: skip
RARE: Final = frozenset(
    {"base64gzip", "cidrhost", "cidrnetmask", "cidrsubnet", "cidrsubnets", "csvdecode", "dirname", "ephemeralasnull", "formatdate"}
    | {"issensitive", "log", "regex", "regexall", "timeadd", "timecmp", "uuidv5", "yamldecode", "yamlencode"}
)  # fmt: skip
"""Functions that a module of this lesson hardly ever has: one in ten of their turns is taken."""
_SPECIAL: Final = {
    "small": ("0", "1", "2", "3", "5", "10", "16", "-1", "-2", '"2"', "1.5"),
    "spec": ('"%s"', '"%s-%s"', '"%d"', '"%v %v"', '"%q"', '"%5s|%-5s"', '"%05d"', '"%%%s"', '"%t"', '"%x"', '"%.2f"', '"%s %d"', '"a"'),
    "key": ('"a"', '"b"', '"z"', '"name"', '"a b"', "local.s"),
    "encoding": ('"UTF-8"', '"UTF-16LE"', '"ISO-8859-1"'),
    "pattern": ('"[a-z]+"', '"(.)(.)"', '"\\\\d"'),
    "space": ('"dns"', '"url"'),
    "time": ('"2026-01-02T03:04:05Z"', '"2026-01-02T03:04:05+01:00"'),
    "span": ('"1h"', '"-30m"'),
    "date": ('"YYYY-MM-DD"', '"hh:mm"'),
    "net": ('"10.0.0.0/8"', '"192.168.0.0/16"', '"fd00::/64"'),
    "json": ('"[1, \\"a\\", null, {\\"b\\": 1.50}]"', '"{\\"a\\": 1, \\"b\\": [true]}"', '"\\"é\\""', '"12"', '"{"', "jsonencode(local.deep)"),
    "csv": ('"a,b\\n1,2\\n"', '"a\\nx"'),
    "bools": ("[]", "[true]", '[true, "false"]', "[for v in local.list : v == \"p\"]", "[null]"),
}  # fmt: skip


class Expressions:
    """Makes expressions; the same seed, the same expressions."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - it makes examples
        self._names: list[str] = []

    def one(self) -> Made:
        """The next one."""
        return self._of(self._random.choice(_KINDS), self._random.choice((1, 2, 2, 3, 3, 4)))

    def _pick(self, *choices: Callable[[], Made]) -> Made:
        return self._random.choice(choices)()

    def _of(self, kind: str, depth: int) -> Made:
        """An expression of a kind, or now and then of another one that looks like it."""
        chance = self._random.random()
        if kind in _SPECIAL:
            return made(self._random.choice(_SPECIAL[kind]))
        if kind == "any":
            return self._any(depth)
        if chance < _NEARLY:
            kind = self._random.choice(_KINDS)
        elif chance < 2 * _NEARLY:
            return made("null")
        if depth <= 0:
            return self._leaf(kind)
        way = self._random.random()
        if way < 0.2:
            return self._leaf(kind)
        if way < 0.55:
            return self._call(kind, depth)
        if way < 0.63:
            return self._conditional(kind, depth)
        if way < 0.69:
            return self._picked(kind, depth)
        return self._own(kind, depth)

    def _any(self, depth: int) -> Made:
        if depth > 0 and self._random.random() < _ANY_CALL:
            return self._call("any", depth)
        return self._of(self._random.choice(_KINDS), depth)

    def _leaf(self, kind: str) -> Made:
        if self._random.random() < _NAMED:
            if self._names and self._random.random() < 0.5:
                return made(self._random.choice(self._names))
            return made(self._random.choice(_NAMES[kind]))
        if kind == "number":
            return made(self._random.choice(_NUMBERS))
        if kind == "string":
            return made(f'"{self._random.choice(_TEXTS)}"')
        if kind == "bool":
            return made(self._random.choice(("true", "false", '"true"', '"0"')))
        if kind in ("texts", "numbers", "any list"):
            return self._listed(kind, 0)
        return self._object(kind, 0)

    def _call(self, kind: str, depth: int) -> Made:
        name, *kinds = self._random.choice(_FUNCTIONS[kind])
        if name in RARE and self._random.random() > 0.1:
            return self._call(kind, depth)
        if kinds[-1].endswith("*"):
            kinds[-1:] = [kinds[-1][:-1]] * self._random.randint(0, 2)
        chance = self._random.random()
        if chance < _WRONG_COUNT:
            kinds = [*kinds, "any"] if chance < _WRONG_COUNT / 2 else kinds[:-1]
        args = [self._of(one, depth - 1) for one in kinds]
        parts: list[str | Made] = [self._random.choice(("", "", "", "", "core::")) + name + "("]
        for number, arg in enumerate(args):
            parts += [", ", arg] if number else [arg]
        spread = args and kinds[-1] in ("texts", "numbers", "any list") and self._random.random() < _SPREAD
        parts.append("...)" if spread else self._random.choice((")", ")", ")", ",)" if args else ")")))
        return Made(tuple(parts))

    def _conditional(self, kind: str, depth: int) -> Made:
        other = kind if self._random.random() < 0.8 else self._random.choice(_KINDS)
        return made(
            "(", self._of("bool", depth - 1), " ? ", self._of(kind, depth - 1), " : ", self._of(other, depth - 1), ")"
        )

    def _picked(self, kind: str, depth: int) -> Made:
        """A member of something."""
        inner = self._of(kind, depth - 1)
        return self._pick(
            lambda: made("[", inner, ", ", self._of(kind, depth - 2), "][", self._of("small", 0), "]"),
            lambda: made("{ k = ", inner, " }.k"),
            lambda: made("{ k = ", inner, ' }["k"]'),
            lambda: made("[{ k = ", inner, " }][0].k"),
            lambda: made("[{ k = ", inner, " }, { k = ", self._of(kind, depth - 2), " }][*].k"),
            lambda: made("[{ k = [", inner, "] }].*.k[0]"),
            lambda: made("{ k = [{ l = ", inner, " }] }.k[*].l"),
            lambda: made("(", inner, ")[*]"),
            lambda: made(self._of("any list", depth - 1), "[", self._of("small", 0), "]"),
            lambda: made(self._of("map", depth - 1), "[", self._of("key", 0), "]"),
        )  # fmt: skip

    def _own(self, kind: str, depth: int) -> Made:
        """What is written with the signs that a kind has for itself."""
        if kind == "number":
            return self._number(depth)
        if kind == "string":
            return self._string(depth)
        if kind == "bool":
            return self._bool(depth)
        if kind in ("map", "object"):
            return self._pick(lambda: self._object(kind, depth), lambda: self._for_object(kind, depth))
        return self._pick(lambda: self._listed(kind, depth), lambda: self._for_list(kind, depth))

    def _number(self, depth: int) -> Made:
        left, right = self._of("number", depth - 1), self._of("number", depth - 1)
        if self._random.random() < 0.15:
            return (
                made(self._random.choice(("-", "- ", "--")), right, "")
                if self._random.random() < 0.7
                else made("-(", right, ")")
            )
        operator = self._random.choice(("+", "-", "*", "/", "%", "+", "-", "*"))
        blank = self._random.choice((" ", " ", "", "  "))
        if self._random.random() < 0.4:
            third = self._random.choice(("+", "-", "*", "/", "%"))
            return made("(", left, f" {operator} ", right, f" {third} ", self._of("number", 0), ")")
        return made("(", left, blank, operator, blank, right, ")")

    def _bool(self, depth: int) -> Made:
        comparison = self._random.choice(("<", ">", "<=", ">="))
        equality = self._random.choice(("==", "!="))
        kind = self._random.choice(_KINDS)
        logic = self._random.choice(("&&", "||"))
        return self._pick(
            lambda: made("(", self._of("number", depth - 1), f" {comparison} ", self._of("number", depth - 1), ")"),
            lambda: made("(", self._of(kind, depth - 1), f" {equality} ", self._of(kind, depth - 1), ")"),
            lambda: made("(", self._of("any", depth - 1), f" {equality} ", self._of("any", depth - 1), ")"),
            lambda: made("(", self._of("bool", depth - 1), f" {logic} ", self._of("bool", depth - 1), ")"),
            lambda: made("!", self._of("bool", depth - 1)),
            lambda: made("(!", self._of("bool", depth - 1), " && ", self._of("number", 0), f" {comparison} ", self._of("number", 0), " || ", self._of("bool", 0), ")"),
            lambda: made("(", self._of("number", 0), " + ", self._of("number", 0), f" {comparison} ", self._of("number", 0), " * ", self._of("number", 0), f" {equality} ", self._of("bool", 0), ")"),
        )  # fmt: skip

    def _string(self, depth: int) -> Made:
        if self._random.random() < 0.3:
            return self._heredoc(depth)
        parts: list[str | Made] = ['"']
        for _ in range(self._random.randint(1, 3)):
            parts += self._sequence(depth, self._random.choice(_TEXTS))
        return Made((*parts, '"'))

    def _sequence(self, depth: int, text: str) -> list[str | Made]:
        """A text, or a piece of a template."""
        left, right = self._random.choice(("", "", "~")), self._random.choice(("", "", "~"))
        chance = self._random.random()
        if chance < 0.35:
            return [text]
        if chance < 0.7:
            kind = self._random.choice(("string", "string", "number", "bool"))
            return [f"${{{left} ", self._of(kind, depth - 1), f" {right}}}"]
        if chance < 0.85:
            head = f"%{{{left} if "
            otherwise = self._random.choice(((), (f"%{{ else {right}}}", self._random.choice(_TEXTS))))
            return [head, self._of("bool", depth - 1), f" {right}}}", text, *otherwise, f"%{{ endif {right}}}"]
        kind, name = self._random.choice(("texts", "numbers", "map")), self._random.choice(("v", "x"))
        head = f"%{{ for {self._random.choice((name, f'i, {name}'))} in "
        return [head, self._of(kind, depth - 1), f" {right}}}", text, f"${{{name}}}", f"%{{{left} endfor }}"]

    def _heredoc(self, depth: int) -> Made:
        # A heredoc in a sequence of another one with the same marker is a limit of our reader: it refuses the file.
        dash, marker = self._random.choice(("", "-", "-")), f"{self._random.choice(('EOT', 'E', '_É'))}{depth}"
        parts: list[str | Made] = [f"<<{dash}{marker}\n"]
        for _ in range(self._random.randint(0, 3)):
            indent = self._random.choice(("", "  ", "    ", "\t", "  "))
            parts += [
                indent,
                *self._sequence(depth, self._random.choice((*_TEXTS, "a \\ b", 'say "x"', "# no comment", ""))),
                "\n",
            ]
        return Made(("(", *parts, self._random.choice(("", "  ")), f"{marker}\n", ")"))

    def _listed(self, kind: str, depth: int) -> Made:
        inner = {"texts": "string", "numbers": "number"}.get(kind, "any")
        members = [self._of(inner, depth - 1) for _ in range(self._random.randint(0, 3))]
        parts: list[str | Made] = [self._random.choice(("[", "[\n", "[ # one\n"))]
        for member in members:
            parts += [member, self._random.choice((", ", ",\n", " , /* x */ "))]
        return Made((*parts, "]"))

    def _object(self, kind: str, depth: int) -> Made:
        parts: list[str | Made] = [self._random.choice(("{ ", "{\n"))]
        for key in self._random.sample(
            ("a", "b", "c", '"a b"', "1", '"é"', "if", "null", "(local.s)", '"${local.s}x"'), self._random.randint(0, 3)
        ):
            member = self._of("string" if kind == "map" else "any", depth - 1)
            parts += [key, self._random.choice((" = ", " : ", "=")), member, self._random.choice((", ", "\n", ",\n"))]
        return Made((*parts, "}"))

    def _bound(self) -> tuple[str, list[str]]:
        value, key = self._random.choice((("v", "k"), ("x", "i"), ("item", "key")))
        return self._random.choice(((value, [value]), (f"{key}, {value}", [key, value])))

    def _for_list(self, kind: str, depth: int) -> Made:
        inner = {"texts": "string", "numbers": "number"}.get(kind, "any")
        over = self._of(self._random.choice(("texts", "numbers", "map", "any list", "object")), depth - 1)
        head, names = self._bound()
        before, self._names = self._names, names
        each, only = self._of(inner, depth - 1), self._of("bool", depth - 1)
        self._names = before
        condition: tuple[str | Made, ...] = (" if ", only) if self._random.random() < 0.3 else ()
        return made(f"[for {head} in ", over, " : ", each, *condition, "]")

    def _for_object(self, kind: str, depth: int) -> Made:
        over = self._of(self._random.choice(("texts", "numbers", "map")), depth - 1)
        head, names = self._bound()
        before, self._names = self._names, names
        key = made(names[0]) if self._random.random() < 0.7 else self._of("string", depth - 1)
        each, only = self._of("string" if kind == "map" else "any", depth - 1), self._of("bool", depth - 1)
        self._names = before
        grouped = self._random.choice(("", "", "..."))
        condition: tuple[str | Made, ...] = (" if ", only) if self._random.random() < 0.3 else ()
        return made(f"{{ for {head} in ", over, " : ", key, " => ", each, grouped, *condition, " }")


_NEARLY: Final = 0.015
_ANY_CALL: Final = 0.15
_NAMED: Final = 0.25
_WRONG_COUNT: Final = 0.02
_SPREAD: Final = 0.05
