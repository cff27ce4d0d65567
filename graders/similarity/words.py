"""What an author was free to write: names, texts and comments, kept as they stand so that a rare one can be told apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from graders.similarity.model import Word
from lab_env.hcl import Block, Body, Expression, Literal, Object, Template, children
from lab_env.line_numbers import LineNumbers

# Shorter sentences ("Allow the role to read") are written alike by people who never met.
SENTENCE_WORDS = 5
_LETTERS = 4
_LONGEST = 400  # characters of a text, and of a line of a comment
_PARAGRAPH = 100  # lines that are read as one text
# AWS's words and not the author's: actions and condition keys, ARNs, service principals, types of Terraform.
_VOCABULARY = re.compile(
    r"[a-z0-9-]+:[\w*/]+ | arn:.* | [\w.-]+\.amazonaws\.com | aws_\w+", re.VERBOSE | re.DOTALL | re.IGNORECASE
)
_LABELLED = frozenset({"resource", "data", "ephemeral", "variable", "output", "module", "check"})
_MARKERS = re.compile(r"^\s*(?:\#+|//+|/\*+|\*+(?!/))\s?|\*+/\s*$")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_MOST = {"name": 1, "text": 6, "comment": 20}
_CODE = re.compile(r"[\"{}\[\]=]")
_JSON_TEXT = re.compile(r'"([^"\n]*)"(\s*:)?')
_WORDS = re.compile(r"\w+(?:['’-]\w+)*")


def words(body: Body) -> Iterator[Word]:
    """The words of a file that was parsed, in no order that means anything."""
    yield from _of_blocks(body.blocks)
    for expression in body.expressions():
        yield from _texts(expression)
    yield from sentences((comment.text, comment.span.line) for comment in body.comments)


def name(text: str, line: int) -> Word:
    return Word("name", text.casefold(), text, line, line)


def text_word(text: str, line: int, end_line: int) -> Word | None:
    """A text as a word, or None when it is too short or one of AWS's own."""
    shown = " ".join(text.split())[:_LONGEST]
    if sum(c.isalpha() for c in shown) < _LETTERS or _VOCABULARY.fullmatch(shown):
        return None
    return Word("text", shown.casefold(), shown, line, end_line)


def sentences(comments: Iterable[tuple[str, int]]) -> Iterator[Word]:
    """The sentences of comments (text with its markers, first line); neighbouring lines are one text.

    A sentence's key is its words alone, so markers, line breaks, case and punctuation do not matter.
    """
    paragraph: list[tuple[str, int]] = []
    for text, first in comments:
        for line, part in enumerate(text.split("\n"), start=first):
            said = _MARKERS.sub("", part[:_LONGEST]).strip()
            if not said or len(paragraph) == _PARAGRAPH or (paragraph and line > paragraph[-1][1] + 1):
                yield from _sentences(paragraph)
                paragraph = []
            if said:
                paragraph.append((said, line))
    yield from _sentences(paragraph)


def size(kind: str, key: str) -> float:
    """What a word weighs: a name one, a text and a sentence as many as they have words, up to a bound."""
    return float(min(_MOST[kind], max(1, len(_WORDS.findall(key)))))


def _sentences(lines: Sequence[tuple[str, int]]) -> Iterator[Word]:
    text = "\n".join(part for part, _ in lines)
    numbers = LineNumbers(text, first=0)
    at = 0
    for piece in _SENTENCE_END.split(text) if lines else ():
        at = text.index(piece, at)
        first = lines[numbers.of(at)][1]
        at += len(piece)
        last = lines[numbers.of(at)][1]
        found = _WORDS.findall(piece.casefold())
        if len(found) >= SENTENCE_WORDS:
            yield Word("comment", " ".join(found), " ".join(piece.split()), first, last)


def _of_blocks(blocks: Iterable[Block]) -> Iterator[Word]:
    for block in blocks:
        if block.type in _LABELLED and block.labels:
            yield name(block.labels[-1], block.span.line)
        if block.type == "locals":
            for attribute in block.body.attributes.values():
                yield name(attribute.name, attribute.span.line)
                yield from _keys(attribute.expression)


def _keys(expression: Expression) -> Iterator[Word]:
    """The keys of an object in locals are names too."""
    if isinstance(expression, Object):
        for item in expression.items:
            if isinstance(item.key, Literal) and isinstance(item.key.value, str):
                yield name(item.key.value, item.span.line)


def _texts(expression: Expression) -> Iterator[Word]:
    pending = [expression]
    while pending:
        expr = pending.pop()
        found: Iterable[Word | None] = ()
        if isinstance(expr, Literal):
            if isinstance(expr.value, str):
                found = (text_word(expr.value, expr.span.line, expr.span.end_line),)
        elif isinstance(expr, Template):
            whole = expr.span.line == expr.span.end_line
            found = (_whole(expr),) if whole else (word for part in expr.parts for word in _heredoc_line(part))
            pending += [part for part in expr.parts if not isinstance(part, Literal)]
        else:
            pending += [item.value for item in expr.items] if isinstance(expr, Object) else children(expr)
        yield from (word for word in found if word is not None)


def _whole(template: Template) -> Word | None:
    """A template in one line; what is put into it does not matter here."""
    pieces = [p.value if isinstance(p, Literal) and isinstance(p.value, str) else "${}" for p in template.parts]
    return text_word("".join(pieces), template.span.line, template.span.end_line)


def _heredoc_line(part: Expression) -> Iterator[Word | None]:
    """A heredoc holds prose, which counts by the line, or JSON, in which only the values are the author's."""
    if isinstance(part, Literal) and isinstance(part.value, str):
        line, end_line = part.span.line, part.span.end_line
        if not _CODE.search(part.value):
            yield text_word(part.value, line, end_line)
        for match in _JSON_TEXT.finditer(part.value):
            if match[2] is None:
                yield text_word(match[1], line, end_line)
