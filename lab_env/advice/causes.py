"""One mistake in the syntax is said once: what a parser says after the first is about what the mistake made of the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lab_env.advice.model import Said
from lab_env.advice.source import read

_PARSER = re.compile(
    r"(?:Argument or block definition required|Invalid (?:character|block definition|single-argument block|argument name|expression"
    r"|multi-line string|string literal|escape sequence)|Missing (?:newline|item|attribute|argument|key/value|expression)"
    r"|Unexpected comma|Un(?:closed|terminated|balanced)|Extra characters|Unsupported operator)"
)
_RUNS_ON = re.compile(r"(?:Invalid multi-line string|Un(?:closed|terminated|balanced))")
"""A string or a bracket that is open takes all that follows with it."""
_RANK = (
    "Invalid character: The",
    "Invalid character: Single",
    "Invalid character",
    "Unclosed template",
    "Extra characters",
)


def first_causes(said: Sequence[Said], files: Mapping[str, str]) -> tuple[int, ...]:
    """Which of a parser's errors are mistakes of their own, as places in the list, in its order.

    Of a block at the top of a file the first error counts, and behind a string or a bracket that is not closed nothing does.
    What no parser says always counts.
    """
    kept: list[int] = [index for index, one in enumerate(said) if not _PARSER.match(one.summary)]
    by_file: dict[str | None, list[int]] = {}
    for index, one in enumerate(said):
        if _PARSER.match(one.summary):
            by_file.setdefault(one.path, []).append(index)
    for path, indexes in by_file.items():
        tops = _tops(files.get(path or ""), path or "")
        seen: set[int] = set()
        for index in sorted(indexes, key=lambda i: (said[i].line or 0, _rank(said[i]), i)):
            block = sum(1 for top in tops if top <= (said[index].line or 0))
            if block not in seen:
                seen.add(block)
                kept.append(index)
            if _RUNS_ON.match(said[index].summary):
                break
    return tuple(sorted(kept))


def _tops(text: str | None, path: str) -> list[int]:
    """The lines on which blocks of the top begin, by how they look: the brackets may be wrong."""
    if text is None:
        return []
    source = read(path, text)
    return [
        n
        for n, line in enumerate(source.lines, start=1)
        if re.match(r"[a-z_]+[^\S\n]*(?:\"[^\"]*\"[^\S\n]*)*\{", line[:300])
    ]


def _rank(said: Said) -> int:
    text = f"{said.summary}: {said.detail}"
    return next((rank for rank, words in enumerate(_RANK) if text.startswith(words)), len(_RANK))
