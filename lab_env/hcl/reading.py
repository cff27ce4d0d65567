"""Files that the module's expressions read: ``file`` and ``templatefile`` of a path that is written out.

Terraform looks for a path that begins with nothing where it was started; only ``path.module`` leads to the module, so only
``"${path.module}/containers.json.tftpl"`` names a file of it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import Final

from lab_env.hcl.model import Attr, Body, Call, Expression, Literal, Span, Template, Traversal
from lab_env.hcl.walk import walk

FILE_FUNCTIONS: Final = frozenset(
    {
        "file",
        "filebase64",
        "filebase64sha256",
        "filebase64sha512",
        "fileexists",
        "filemd5",
        "filesha1",
        "filesha256",
        "filesha512",
        "templatefile",
    }
)
MAX_LINES = 5_000
"""Of a text that is read with ``file``: a longer one is one piece, whose lines have no places of their own."""


def literal_path(directory: str, call: Call) -> str | None:
    """The path in the submission that a call reads, when it is written out and stays in the module's own directory.

    :param directory: of the module in which the call stands.
    """
    match call.args[0] if call.args and not call.expand else None:
        case Template(parts=(Traversal(root="path", steps=(Attr(name="module"),)), Literal(value=str(text)))):
            pass
        case _:
            return None
    path = posixpath.normpath(posixpath.join(directory, text.lstrip("/")))
    inside = "" if directory == "." else f"{directory}/"
    if not text.startswith("/") or path.startswith("../") or not path.startswith(inside) or "\\" in text:
        return None
    return path


def reading_calls(bodies: Iterable[Body]) -> Iterator[Call]:
    """Every call that reads a file, whatever its path is."""
    for body in bodies:
        for root in body.expressions():
            for expr in walk(root):
                if isinstance(expr, Call) and expr.name in FILE_FUNCTIONS:
                    yield expr


def text_expression(path: str, text: str) -> Expression:
    """A file's text as ``file`` gives it: literals, one a line."""
    mark = text.startswith("\ufeff")  # it is part of the text, and no place counts it
    lines = text.split("\n") if text.count("\n") <= MAX_LINES else [text]
    pieces = [f"{line}\n" for line in lines[:-1]] + [line for line in lines[-1:] if line]
    parts: list[Literal] = []
    offset = -mark
    number = 1
    for piece in pieces:
        end = offset + len(piece)
        parts.append(Literal(Span(path, number, number + piece[:-1].count("\n"), max(offset, 0), end), piece))
        number += piece.count("\n")
        offset = end
    return Template(Span(path, 1, max(number - (not lines[-1]), 1), 0, max(offset, 0)), tuple(parts))
