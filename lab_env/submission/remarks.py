"""What looks as if it were to be handed in and is not read, a sentence for each cell or notebook."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lab_env.submission.notebooks import Cell, NotebookFiles

MOST = 10
"""Sentences for one submission; of what is left, how much it is."""
_FIRST_LINE = re.compile(r"^[ \t]*%%hcl[ \t]+\S", re.MULTILINE)
_BARE = re.compile(r"%%hcl[ \t]*(?:\n|$)")
_BLOCK = re.compile(
    r'^[ \t]*(?:(?:resource|data|ephemeral)[ \t]+"[^"\n]*"[ \t]+"[^"\n]*"|(?:variable|output|module|check)[ \t]+"[^"\n]*"'
    r"|locals|terraform|moved|removed)[ \t]*\{",
    re.MULTILINE,
)
_KINDS = {"markdown": "a Markdown cell", "raw": "a raw cell"}


def remarks(notebooks: NotebookFiles) -> tuple[str, ...]:
    """All of them, in the order of the notebooks and their cells, at most :data:`MOST` and how many more."""
    found = [
        *_unreadable(notebooks),
        *(text for name, cells in notebooks.cells.items() for text in _unread(name, cells)),
    ]
    more = len(found) - MOST
    return tuple(found) if more <= 0 else (*found[:MOST], f"{more} more cells or notebooks are not read.")


def _unreadable(notebooks: NotebookFiles) -> Iterator[str]:
    for error in notebooks.unreadable.values():
        yield f"{error.message.rstrip('.')}: it counts as missing. {error.next_step or ''}".rstrip()


def _unread(name: str, cells: tuple[Cell, ...]) -> Iterator[str]:
    for cell in cells:
        why = None if cell.word is not None or cell.given else _why(cell)
        if why is not None:
            yield f"Cell {cell.index + 1} of {name} is not read: {why}"


def _why(cell: Cell) -> str | None:
    """Why a cell that writes no file looks as if it should, and what to do."""
    marked = _FIRST_LINE.search(cell.source)
    if cell.kind != "code":
        meant = cell.source.lstrip().startswith("%%hcl") or (cell.answer and _BLOCK.search(cell.source))
        return f"it is {_KINDS.get(cell.kind, 'no code cell')}. Make it a code cell." if meant else None
    if _BARE.match(cell.source.lstrip()):
        return "its first line, %%hcl, names no file."
    if marked is not None:
        return "%%hcl PATH is not its first line. Move that line to the top."
    if _BLOCK.search(cell.source):
        return "it holds HCL and does not begin with %%hcl PATH. Put that line on top of it."
    return None
