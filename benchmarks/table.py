"""Figures as a table: for a terminal, or as Markdown for the README."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.figures import Figure

_HEAD = ("measured", "figure", "target", "", "how")


def number(value: float, unit: str) -> str:
    """Three digits that matter and the unit."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f} {unit}"


def _cells(figure: Figure) -> tuple[str, ...]:
    target = "" if figure.limit is None else f"< {figure.limit:g} {figure.unit}"
    return (figure.what, number(figure.value, figure.unit), target, figure.verdict, figure.note)


def plain(figures: Sequence[Figure]) -> str:
    """Columns as wide as they need to be; numbers to the right."""
    rows = [tuple(cell.replace("`", "") for cell in _cells(figure)) for figure in figures]
    widths = [max(len(row[column]) for row in (_HEAD, *rows)) for column in range(len(_HEAD))]
    lines = []
    for row in (_HEAD, *rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        cells[1] = row[1].rjust(widths[1])
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "─" * max(len(line) for line in lines))
    return "\n".join(lines)


def markdown(figures: Sequence[Figure]) -> str:
    """A table of GitHub's Markdown."""
    lines = [f"| {' | '.join(_HEAD)} |", "|---|---:|---|---|---|"]
    lines += [f"| {' | '.join(_cells(figure))} |" for figure in figures]
    return "\n".join(lines)
