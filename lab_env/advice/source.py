"""A learner's file as words, signs and brackets, whether or not it is HCL: what advice is looked for in.

A mistake in the syntax is what stops a parser, so this one stops at nothing. It goes over a text once; a line that is longer than
anybody writes is not looked into.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

MAX_LINE = 1_000
"""Characters of a line that is looked into."""
_MAX_DEPTH = 100
_TOKEN = re.compile(
    r"(?P<newline>\n)|(?P<blank>[^\S\n]+)|(?P<comment>#[^\n]*|//[^\n]*)|(?P<word>[^\W\d][\w-]*)|(?P<number>\d[\d.]*)"
    r"|(?P<heredoc><<-?[^\W\d][\w-]*)|(?P<sign>==|=>|!=|<=|>=|&&|\|\||\.\.\.|[^\w\s])|(?P<other>.)"
)
_STRING_STEP = re.compile(r"\\.|\$\$\{|%%\{|[$%]\{|[{}\"]|[^\\$%{}\"\n]+|[^\n]")
_OPENING = {"{": "}", "[": "]", "(": ")"}
_CLOSING = {closing: opening for opening, closing in _OPENING.items()}


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number, a string, a sign … with its place in the line, from 0.

    :param kind: ``word``, ``number``, ``string``, ``open string`` (without its closing quote), ``heredoc``, ``comment``, ``sign``.
    """

    kind: str
    text: str
    line: int
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(slots=True)
class Bracket:
    """From an opening bracket to the one that closes it.

    :param end_line: None: nothing closes it.
    :param header: what stands before the brace of a block; empty for every other bracket.
    """

    sign: str
    line: int
    parent: Bracket | None
    header: tuple[Token, ...] = ()
    end_line: int | None = None
    names: dict[str, int] = field(default_factory=dict)
    """Of a block: what is set or opened in it, with the line."""

    @property
    def is_block(self) -> bool:
        return bool(self.header)

    @property
    def type(self) -> str:
        return self.header[0].text if self.header else ""

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(token.text.strip('"') for token in self.header[1:])

    @property
    def address(self) -> str:
        """``aws_kms_key.secrets``, ``data.aws_region.here``, ``var.environment``."""
        prefix = {"resource": (), "variable": ("var",)}.get(self.type, (self.type,))
        return ".".join((*prefix, *self.labels))


class Source:
    """One file."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.lines = text.split("\n")
        self._tokens: list[list[Token]] = [[] for _ in self.lines]
        self.brackets: list[Bracket] = []
        self.strays: list[Token] = []
        """Closing brackets that close nothing."""
        self.top: dict[str, int] = {}
        """What is set outside of any block, with the line."""
        self._inside: list[Bracket | None] = [None] * (len(self.lines) + 1)
        self._read()

    def line(self, number: int | None) -> str:
        """A line, from 1; empty when there is no such line."""
        return self.lines[number - 1] if number is not None and 0 < number <= len(self.lines) else ""

    def tokens(self, number: int | None, *, comments: bool = False) -> tuple[Token, ...]:
        """What stands in a line, from 1."""
        if number is None or not 0 < number <= len(self.lines):
            return ()
        return tuple(token for token in self._tokens[number - 1] if comments or token.kind != "comment")

    def inside(self, number: int | None) -> Bracket | None:
        """The innermost bracket that is open where a line begins."""
        return self._inside[number - 1] if number is not None and 0 < number <= len(self.lines) else None

    def block(self, number: int | None) -> Bracket | None:
        """The innermost block that a line is in."""
        found = self.inside(number)
        while found is not None and not found.is_block:
            found = found.parent
        return found

    @cached_property
    def blocks(self) -> tuple[Bracket, ...]:
        """Those at the top, in order."""
        return tuple(one for one in self.brackets if one.is_block and one.parent is None)

    def _read(self) -> None:
        open_: list[Bracket] = []
        heredoc: re.Pattern[str] | None = None
        in_comment = False
        for index, line in enumerate(self.lines):
            self._inside[index] = open_[-1] if open_ else None
            if heredoc is not None:
                if heredoc.fullmatch(line):
                    heredoc = None
                continue
            if len(line) > MAX_LINE:
                continue
            found: list[Token] = []
            for token in _tokens(line, index + 1, in_comment=in_comment):
                if token.kind == "sign" and token.text in ("/*", "*/"):
                    in_comment = token.text == "/*"
                    continue
                found.append(token)
                if token.kind == "heredoc":
                    heredoc = re.compile(rf"\s*{re.escape(token.text.lstrip('<-'))}\s*")
            self._tokens[index] = found
            self._brackets([token for token in found if token.kind != "comment"], open_)

    def _brackets(self, tokens: list[Token], open_: list[Bracket]) -> None:
        if tokens and tokens[0].kind in ("word", "string") and (not open_ or open_[-1].is_block):
            names = open_[-1].names if open_ else self.top
            if len(tokens) > 1 and (tokens[1].text in ("=", "{") or tokens[1].kind == "string"):
                names.setdefault(tokens[0].text.strip('"'), tokens[0].line)
        for at, token in enumerate(tokens):
            if token.kind != "sign":
                continue
            if token.text in _OPENING and len(open_) < _MAX_DEPTH:
                header = _header(tokens[:at]) if token.text == "{" and (not open_ or open_[-1].is_block) else ()
                made = Bracket(token.text, token.line, open_[-1] if open_ else None, header)
                open_.append(made)
                self.brackets.append(made)
            elif token.text in _CLOSING:
                self._close(token, open_)

    def _close(self, token: Token, open_: list[Bracket]) -> None:
        wanted = _CLOSING[token.text]
        for back in range(len(open_) - 1, -1, -1):
            if open_[back].sign == wanted:
                open_[back].end_line = token.line
                del open_[back:]
                return
            if open_[back].is_block:
                break
        self.strays.append(token)


def _header(tokens: list[Token]) -> tuple[Token, ...]:
    """The tokens in front of a brace when they make it a block's."""
    words = tokens and tokens[0].kind == "word" and all(token.kind in ("word", "string") for token in tokens[1:])
    return tuple(tokens) if words else ()


def _tokens(line: str, number: int, *, in_comment: bool) -> Iterator[Token]:
    at, lost = 0, False
    while at < len(line):
        if in_comment:
            over = line.find("*/", at)
            if over < 0:
                return
            yield Token("sign", "*/", number, over)
            at, in_comment = over + 2, False
            continue
        if line[at] == '"':
            end: int | None = None if lost else _string_end(line, at)
            if end is None:
                lost = True
                end = _next_quote(line, at)
            yield Token("string" if end is not None else "open string", line[at:end], number, at)
            at = len(line) if end is None else end
            continue
        if line.startswith("/*", at):
            yield Token("sign", "/*", number, at)
            at, in_comment = at + 2, True
            continue
        found = _TOKEN.match(line, at)
        if found is None:
            return
        at = found.end()
        kind = found.lastgroup or "other"
        if kind != "blank":
            yield Token("sign" if kind == "other" else kind, found[0], number, found.start())


def _string_end(line: str, start: int) -> int | None:
    """Where a string with sequences in it ends, behind its quote; None when it does not in this line."""
    modes: list[str] = []
    for step in _STRING_STEP.finditer(line, start):
        text = step[0]
        if text == '"' and modes and modes[-1] == '"':
            modes.pop()
            if not modes:
                return step.end()
        elif text == '"':
            modes.append('"')
        elif (text in ("${", "%{") and modes[-1] == '"') or (text in ("{", "${", "%{") and modes[-1] == "{"):
            modes.append("{")
        elif text == "}" and modes[-1] == "{":
            modes.pop()
    return None


def _next_quote(line: str, start: int) -> int | None:
    found = re.compile(r'(?:\\.|[^\\"])*+"').match(line, start + 1)
    return found.end() if found else None


@lru_cache(maxsize=24)
def read(path: str, text: str) -> Source:
    """Read a file; what was read before is remembered."""
    return Source(path, text)
