"""Files of every form that Terraform reads, made from a seed, and some that are broken."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from graders.quality.hcl_agreement.expressions import Expressions

_COMMENTS: Final = (" # one", " // two", " /* three */", " # } {", ' // "', " # ${x", " /* <<E\n */", " #", " # é 日本")
_ONE_LINERS: Final = ("", " ", " a = 1 ", " a = [1, {b = 2}] ", " a = <<E\nE\n")
_BROKEN: Final = (
    *('"', "}", "{", "${", "%{", "(", "]", "=", ",", "<<E\n", "\n", "\r", "\\", "#", "/*", "*/", "'", "~", "\ufeff", "\x00"),
    *("...", "=>", "?", ":", "!", "&&", "-", ".", "[*]", "\u00a0", "\u2028", "é", "for x in y", "if", "%{ endif }", "$${", ";"),
)  # fmt: skip


@dataclass(frozen=True)
class MadeFile:
    """A file.

    :param text: the whole of it.
    :param locals_: the part of it that has values; each is ``try(nonsensitive(jsonencode([…])), "!")``.
    :param names: of the local values.
    :param whole: False: something in it was broken on purpose, and it may be right all the same.
    """

    text: str
    locals_: str
    names: tuple[str, ...]
    whole: bool


class Files:
    """Makes files; the same seed, the same files."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - it makes examples
        self._expressions = Expressions(seed)
        self._count = 0

    def one(self) -> MadeFile:
        """The next one."""
        self._count += 1
        names = tuple(f"f{self._count}_{number}" for number in range(self._random.randint(1, 3)))
        locals_ = "".join(self._locals(name) for name in names)
        parts = [locals_, *(self._block(number) for number in range(self._random.randint(0, 3)))]
        self._random.shuffle(parts)
        text = "".join(parts)
        whole = self._random.random() > _BROKEN_SHARE
        if not whole:
            at = self._random.randrange(len(text))
            text = (
                text[:at]
                + self._random.choice(("", self._random.choice(_BROKEN)))
                + text[at + self._random.randint(0, 2) :]
            )
        if self._random.random() < 0.2:
            text, locals_ = (one.replace("\r\n", "\n").replace("\n", "\r\n") for one in (text, locals_))
        if self._random.random() < 0.1:
            text, locals_ = "\ufeff" + text, "\ufeff" + locals_
        if self._random.random() < 0.1:
            text = text.rstrip()
        return MadeFile(text, locals_, names, whole)

    def _locals(self, name: str) -> str:
        value = f'try(nonsensitive(jsonencode([{self._expressions.one().text}])), "!")'
        if self._random.random() < 0.1 and "\n" not in value:
            return f"locals {{{self._blank()}{name}={self._blank()}{value} }}{self._comment()}\n"
        return f"{self._comment()}\nlocals{self._blank()}{{{self._comment()}\n{self._attribute(name, value)}}}\n{self._lines()}"

    def _block(self, number: int) -> str:
        kind = self._random.choice(("resource", "data", "output", "variable", "module", "terraform", "other"))
        label = self._random.choice((f'"x{number}"', f'"x{number}"', f"x{number}", f'"é{number}"', f'"a b{number}"'))
        first = '"aws_kms_key" ' if kind in ("resource", "data") else ""
        head = {"terraform": "terraform", "other": "other a b"}.get(kind, f"{kind} {first}{label}")
        if self._random.random() < 0.15:
            return f"{head} {{{self._random.choice(_ONE_LINERS)}}}\n"
        return f"{head} {{{self._comment()}\n{self._body(2)}}}{self._comment()}\n{self._lines()}"

    def _body(self, depth: int) -> str:
        parts = [self._attribute(name, self._expressions.one().text) for name in self._names()]
        if depth and self._random.random() < 0.5:
            label = self._random.choice(("", ' "l"', " l", ' "l" m'))
            parts.append(f"  nested{label} {{\n{self._body(depth - 1)}  }}\n")
        self._random.shuffle(parts)
        return "".join(parts)

    def _names(self) -> list[str]:
        return self._random.sample(
            ("a", "b", "c_1", "d-e", "é", "for", "if", "null", "true", "in"), self._random.randint(0, 3)
        )

    def _attribute(self, name: str, value: str) -> str:
        if self._random.random() < 0.1:
            marker = self._random.choice(("EOT", "E", "É"))
            if not name.startswith("f"):
                value = f"<<{self._random.choice(('', '-'))}{marker}\n  a ${{ local.s }}\n\n\tb\\n\n  {marker}"
                return f"  {name} = {value}\n"
        return f"{self._blank()}{name}{self._blank()}={self._blank()}{value}{self._comment()}\n{self._lines()}"

    def _blank(self) -> str:
        return self._random.choice(("", " ", "  ", "\t", " ", " /* x */ "))

    def _comment(self) -> str:
        return self._random.choice(_COMMENTS) if self._random.random() < 0.2 else ""

    def _lines(self) -> str:
        return self._random.choice(("", "", "\n", "\n\n", "  \n", "# alone\n", "/* on\n two */\n"))


_BROKEN_SHARE: Final = 0.2
