"""Templates: decode string text, and split a heredoc (which python-hcl2 gives as one token) into its parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lab_env.hcl.model import Expression, HclSyntaxError, Literal, Span, TemplateFor, TemplateIf
from lab_env.line_numbers import LineNumbers

_ESCAPE = re.compile(r"\\(?:([nrt\"\\])|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_FOR = re.compile(r"for\s+([\w-]+)\s*(?:,\s*([\w-]+)\s*)?\bin\b(.*)", re.DOTALL)
_OPEN = {"{": "}", "[": "]", "(": ")"}


@dataclass(frozen=True)
class Directive:
    """A ``%{ … }`` before the parts are nested: ``kind`` is if, else, endif, for or endfor."""

    kind: str
    span: Span
    expression: Expression | None = None
    key_name: str | None = None
    value_name: str = ""


def unescape(text: str) -> str:
    """The characters a quoted string's text stands for."""

    def one(match: re.Match[str]) -> str:
        simple, short, long = match.groups()
        if simple:
            return _SIMPLE[simple]
        code = int(short or long, 16)
        return chr(code) if code < 0x110000 else match[0]

    return _ESCAPE.sub(one, text) if "\\" in text else text


def nest(parts: Sequence[Expression | Directive], path: str) -> tuple[Expression, ...]:
    """Put flat directives into ``if`` and ``for`` nodes.

    :raises HclSyntaxError: a directive without its partner.
    """
    position = 0

    def run(until: frozenset[str]) -> tuple[tuple[Expression, ...], Directive | None]:
        nonlocal position
        done: list[Expression] = []
        while position < len(parts):
            part = parts[position]
            position += 1
            if isinstance(part, Expression):
                done.append(part)
            elif part.kind in until:
                return tuple(done), part
            elif part.kind == "if" and part.expression is not None:
                then, end = run(frozenset({"else", "endif"}))
                otherwise, end = run(frozenset({"endif"})) if end and end.kind == "else" else ((), end)
                done.append(TemplateIf(part.span, part.expression, then, otherwise))
            elif part.kind == "for" and part.expression is not None:
                body, _ = run(frozenset({"endfor"}))
                done.append(TemplateFor(part.span, part.key_name, part.value_name, part.expression, body))
            else:
                raise syntax_error(path, part.span.line, f"%{{ {part.kind} }} has no partner")
        if until:
            raise syntax_error(path, parts[-1].span.line, f"%{{ {sorted(until)[-1]} }} is missing")
        return tuple(done), None

    return run(frozenset())[0]


def syntax_error(path: str, line: int, what: str) -> HclSyntaxError:
    """An error at a line, in the words of :mod:`lab_env.hcl`."""
    return HclSyntaxError(f"{path} line {line}: {what}.", next_step="Correct the template.", path=path, line=line)


ParseInner = Callable[[str, int, int], Expression]
"""Parses an expression's text, given its first line and offset in the file."""


def heredoc_parts(
    raw: str, *, path: str, line: int, start: int, trim: bool, parse: ParseInner
) -> tuple[Expression, ...]:
    """The parts of a heredoc token (``<<EOT`` to its closing marker); text is one literal a line.

    :param line: line of ``<<`` in the file (1-based); ``start`` its character offset.
    :param trim: ``<<-``: common leading spaces are taken off.
    """
    opening = raw.index("\n") + 1
    body = raw[opening : raw.rstrip().rfind("\n") + 1]
    lines = [ln for ln in body.split("\n") if ln.strip()]
    indent = min((len(ln) - len(ln.lstrip(" \t")) for ln in lines), default=0) if trim else 0
    parts: list[Expression | Directive] = []
    numbers = LineNumbers(body, first=line + 1)
    for kind, begin, text in _scan(body, path, line + 1):
        at = numbers.of(begin)
        span = Span(path, at, at + text.count("\n"), start + opening + begin, start + opening + begin + len(text))
        if kind == "text":
            parts += _lines(text, span, indent, at_line_start=begin == 0 or body[begin - 1] == "\n")
        else:
            parts.append(_inner(kind, text, span, path, parse))
    return nest(parts, path)


def _lines(text: str, span: Span, indent: int, *, at_line_start: bool) -> Iterator[Literal]:
    line, offset = span.line, span.start
    for piece in text.splitlines(keepends=True) if "\r" not in text else _split_lf(text):
        shown = piece
        if at_line_start and indent:
            shown = piece[min(indent, len(piece) - len(piece.lstrip(" \t"))) :]
        value = shown.replace("$${", "${").replace("%%{", "%{").replace("\r\n", "\n")
        yield Literal(Span(span.path, line, line, offset, offset + len(piece)), value)
        offset += len(piece)
        line += piece.count("\n")
        at_line_start = piece.endswith("\n")


def _split_lf(text: str) -> list[str]:
    return [p for p in re.split(r"(?<=\n)", text) if p]


def _inner(kind: str, text: str, span: Span, path: str, parse: ParseInner) -> Expression | Directive:
    """The expression or directive between ``${`` or ``%{`` and its brace; ``text`` has both."""
    left = 2 + text[2:].startswith("~")
    right = len(text) - 1 - (text[-2] == "~" and len(text) > 3)
    inner = text[left:right]

    def expression(offset: int) -> Expression:
        at = left + offset
        return parse(inner[offset:], span.line + text.count("\n", 0, at), span.start + at)

    if kind == "interpolation":
        return expression(0)
    stripped = inner.lstrip()
    skip = len(inner) - len(stripped)
    word = re.match(r"\w*", stripped)
    name = word[0] if word else ""
    if name == "if":
        return Directive("if", span, expression(skip + 2))
    if name == "for":
        match = _FOR.match(stripped)
        if match:
            key, value = (match[1], match[2]) if match[2] else (None, match[1])
            return Directive("for", span, expression(skip + match.start(3)), key, value)
    if name in ("else", "endif", "endfor") and stripped.strip() == name:
        return Directive(name, span)
    raise syntax_error(path, span.line, f"%{{{inner}}} is no directive")


def _scan(body: str, path: str, line: int) -> Iterator[tuple[str, int, str]]:
    """Split text at ``${…}`` and ``%{…}``: kind, offset, text with its markers."""
    position = begin = 0
    while position < len(body):
        two = body[position : position + 2]
        if body.startswith(("$${", "%%{"), position):
            position += 3
        elif two in ("${", "%{"):
            if begin < position:
                yield "text", begin, body[begin:position]
            end = _closing(body, position + 2, path, line)
            yield ("interpolation" if two == "${" else "directive"), position, body[position:end]
            position = begin = end
        else:
            position += 1
    if begin < len(body):
        yield "text", begin, body[begin:]


def _closing(body: str, position: int, path: str, line: int) -> int:
    """Offset behind the brace that closes a template sequence whose inside begins at ``position``."""
    start = position
    stack = ["}"]  # what is open: a closing bracket, or a quote while inside a string
    while position < len(body):
        char = body[position]
        if stack[-1] == '"':
            if char == "\\":
                position += 1
            elif body.startswith(("$${", "%%{"), position):
                position += 2
            elif body.startswith(("${", "%{"), position):
                stack.append("}")
                position += 1
            elif char == '"':
                stack.pop()
        elif char == '"':
            stack.append('"')
        elif char in _OPEN:
            stack.append(_OPEN[char])
        elif char == stack[-1]:
            stack.pop()
            if not stack:
                return position + 1
        elif char == "#" or body.startswith(("//", "/*", "<<"), position):
            # Terraform reads these here too, but a second reading of them in this place is not worth its risk.
            raise syntax_error(
                path,
                line + body.count("\n", 0, position),
                "a comment or heredoc inside a heredoc's ${…} is not supported by the grader",
            )
        position += 1
    raise syntax_error(path, line + body.count("\n", 0, start), "a template sequence is not closed")
