"""Charts for the class page: SVG by templates, made part of the page so that they follow light, dark and paper.

Colours are the page's own CSS variables, text stays text in the page's font. Sizes are in the units of the drawing: a chart has
no width of its own and takes that of its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graders.report import pages
from lab_env.text import one_line

_WIDTH, _HEIGHT = 392.0, 168.0  # of the field of columns
_LENGTH = 192.0  # of the longest row
_ROW = 26
_LETTER = 7.0  # about as wide as one is, for the place of what comes behind a text


@dataclass(frozen=True)
class Bar:
    """One bar: ``solid`` and, behind it, ``hollow``."""

    name: str
    solid: float
    hollow: float = 0

    @property
    def number(self) -> str:
        """Both together, as people write it."""
        return f"{self.solid + self.hollow:g}"


def columns(bars: Sequence[Bar], *, under: str, label: str) -> str:
    """Upright bars with their numbers.

    :param under: what the names under the bars mean.
    :param label: what somebody who does not see the chart is told.
    """
    most = max([1.0, *(bar.solid for bar in bars)])
    slot = _WIDTH / len(bars)
    drawn = [
        {
            "name": one_line(bar.name),
            "number": bar.number,
            "left": _unit(4 + slot * (place + 0.1)),
            "middle": _unit(4 + slot * (place + 0.5)),
            "wide": _unit(0.8 * slot),
            "long": _unit(_HEIGHT * bar.solid / most),
        }
        for place, bar in enumerate(bars)
    ]
    return pages.fill("columns.svg.j2", bars=drawn, under=under, label=one_line(label))


def rows(bars: Sequence[Bar], *, solid: str, hollow: str, label: str) -> str:
    """Lying bars, the first on top: a solid part and a hollow one, with the sum at the end.

    :param solid: what the solid part means; ``hollow`` likewise.
    :param label: what somebody who does not see the chart is told.
    """
    most = max([1.0, *(bar.solid + bar.hollow for bar in bars)])
    drawn = [
        {
            "name": one_line(bar.name),
            "number": bar.number,
            "top": 34 + _ROW * place + 5,
            "solid": _unit(_LENGTH * bar.solid / most),
            "hollow": _unit(_LENGTH * bar.hollow / most),
        }
        for place, bar in enumerate(bars)
    ]
    return pages.fill(
        "rows.svg.j2",
        bars=drawn,
        high=_ROW * len(bars) + 40,
        solid=solid,
        hollow=hollow,
        second=_unit(172 + 19 + _LETTER * len(solid) + 16),
        label=one_line(label),
    )


def _unit(size: float) -> float:
    return round(size, 1)
