"""Templates: decode string text, and split a heredoc (which python-hcl2 gives as one token) into its parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from lab_env.errors import SubmissionError
from lab_env.hcl.model import Expression, HclSyntaxError, Literal, Span, Template, TemplateFor, TemplateIf
from lab_env.line_numbers import LineNumbers

_ESCAPE = re.compile(r"\\(?:([nrt\"\\])|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_FOR = re.compile(r"for\s+([\w-]+)\s*(?:,\s*([\w-]+)\s*)?\bin\b(.*)", re.DOTALL)
MAX_DIRECTIVES = 80
# What may hold a brace that closes nothing. Of a heredoc the same end is taken as python-hcl2 takes; where Terraform's is another,
# the two see other calls.
_COMMENT_OR_HEREDOC = re.compile(
    r"(?:\#|//)[^\n]*(?:\n|\Z)|/\*.*?\*/|<<-?(?P<marker>[^\W\d][\w.-]*)\r?\n(?:.*?\n)??\s*(?P=marker)\r?\n", re.DOTALL
)
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

    def run(until: frozenset[str], depth: int = 0) -> tuple[tuple[Expression, ...], Directive | None]:
        nonlocal position
        if depth > MAX_DIRECTIVES:
            raise SubmissionError(
                f"{path} line {parts[position - 1].span.line}: a directive is nested deeper than {MAX_DIRECTIVES} levels.",
                next_step="Make the text with locals.",
                path=path,
                line=parts[position - 1].span.line,
            )
        done: list[Expression] = []
        while position < len(parts):
            part = parts[position]
            position += 1
            if isinstance(part, Expression):
                done.append(part)
            elif part.kind in until:
                return tuple(done), part
            elif part.kind == "if" and part.expression is not None:
                then, end = run(frozenset({"else", "endif"}), depth + 1)
                otherwise, end = run(frozenset({"endif"}), depth + 1) if end and end.kind == "else" else ((), end)
                done.append(TemplateIf(part.span, part.expression, then, otherwise))
            elif part.kind == "for" and part.expression is not None:
                body, _ = run(frozenset({"endfor"}), depth + 1)
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

# What Go's unicode.IsSpace says is blank, and nothing else: Python's own strip() takes more.
BLANKS = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
# The pieces into which Terraform's scanner cuts text: a strip marker takes blanks off one piece, not off all of the text.
_PIECE = re.compile(r"\$\$\{|%%\{|[$%][^{\n](?=\r?\n)|[$%]|[^$%\n]*+\n|[^$%\n]++")
_BLANK_RUN = re.compile(rf"[{BLANKS}]*")


def heredoc_parts(
    raw: str, *, path: str, line: int, start: int, trim: bool, parse: ParseInner
) -> tuple[Expression, ...]:
    """The parts of a heredoc token (``<<EOT`` to its closing marker); text is one literal a line.

    :param line: line of ``<<`` in the file (1-based); ``start`` its character offset.
    :param trim: ``<<-``: common leading blanks are taken off.
    """
    opening = raw.index("\n") + 1
    body = raw[opening : raw.rstrip().rfind("\n") + 1]
    return template_parts(body, path=path, line=line + 1, start=start + opening, trim=trim, parse=parse)


def template_parts(
    text: str, *, path: str, parse: ParseInner, line: int = 1, start: int = 0, trim: bool = False
) -> tuple[Expression, ...]:
    """The parts of a template that stands in a heredoc or a file of its own; text is one literal a line.

    :param line: the text's first line in the file (1-based); ``start`` its character offset.
    :param trim: common leading blanks are taken off.
    :raises HclSyntaxError: it is no template, or one that is not read here.
    """
    parts: list[Expression | Directive] = []
    numbers = LineNumbers(text, first=line)
    strip = False
    for kind, begin, piece in _scan(text, path, line):
        at = numbers.of(begin)
        if kind == "text":
            pieces = list(_pieces(piece, path, at, start + begin))
            if strip:
                pieces[0] = replace(pieces[0], value=str(pieces[0].value).lstrip(BLANKS))
            strip = False
            parts += pieces
            continue
        if piece[2:3] == "~" and parts and isinstance(last := parts[-1], Literal) and last.span.end == start + begin:
            parts[-1] = replace(last, value=str(last.value).rstrip(BLANKS))
        strip = _strips_right(piece)
        span = Span(path, at, at + piece.count("\n"), start + begin, start + begin + len(piece))
        parts.append(_inner(kind, piece, span, path, parse))
    return nest(list(joined(_without_indent(parts) if trim else parts)), path)


def _pieces(text: str, path: str, line: int, offset: int) -> Iterator[Literal]:
    for match in _PIECE.finditer(text):
        piece = match[0]
        value = piece[1:] if piece in ("$${", "%%{") else piece
        yield Literal(Span(path, line, line, offset + match.start(), offset + match.end()), value)
        line += piece.count("\n")


def _without_indent(parts: Sequence[Expression | Directive]) -> list[Expression | Directive]:
    """What ``<<-`` does, after strip markers had their effect: a line that lost its line feed to one begins no line."""
    first: list[int] = []
    least: int | None = None
    begins = True
    for number, part in enumerate(parts):
        if begins:
            begins, width = False, 0
            if isinstance(part, Literal):
                blank = _BLANK_RUN.match(value := str(part.value))
                width = len(blank[0].replace("\r\n", "\n")) if blank else 0
                if blank and blank[0] == value and value.endswith("\n"):
                    begins = True
                    continue
                first.append(number)
            least = width if least is None else min(least, width)
        if isinstance(part, Literal) and str(part.value).endswith("\n"):
            begins = True
    done = list(parts)
    for number in first:
        part = done[number]
        if isinstance(part, Literal) and least:
            done[number] = replace(part, value=str(part.value)[least:])
    return done


def joined(parts: Sequence[Expression | Directive]) -> Iterator[Expression | Directive]:
    """The pieces of a line as one literal, so that a word with a ``$`` in it is one."""
    last: Literal | None = None
    for part in parts:
        if not isinstance(part, Literal):
            if last is not None:
                yield last
            last = None
            yield part
        elif last is not None and last.span.end == part.span.start and last.span.line == part.span.line:
            span = Span(last.span.path, last.span.line, last.span.line, last.span.start, part.span.end)
            last = Literal(span, f"{last.value}{part.value}")
        else:
            if last is not None:
                yield last
            last = part
    if last is not None:
        yield last


def _strips_right(sequence: str) -> bool:
    return sequence[-2] == "~" and len(sequence) > 3


def _inner(kind: str, text: str, span: Span, path: str, parse: ParseInner) -> Expression | Directive:
    """The expression or directive between ``${`` or ``%{`` and its brace; ``text`` has both."""
    left = 2 + text[2:].startswith("~")
    right = len(text) - 1 - _strips_right(text)
    inner = text[left:right]

    def expression(offset: int) -> Expression:
        at = left + offset
        return parse(inner[offset:], span.line + text.count("\n", 0, at), span.start + at)

    if kind == "interpolation":
        found = expression(0)
        # A literal in the list of parts is text of the template's own, whose blanks are taken off.
        return Template(found.span, (found,)) if isinstance(found, Literal) else found
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
        elif passed := _COMMENT_OR_HEREDOC.match(body, position):
            position = passed.end()
            continue
        position += 1
    raise syntax_error(path, line + body.count("\n", 0, start), "a template sequence is not closed")
