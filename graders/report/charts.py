"""Charts for the class page: SVG drawn by matplotlib, made part of the page so that they follow light, dark and paper.

matplotlib draws with sentinel colours, which become the page's own CSS variables; text stays text, in the page's font.
Sizes are in the units of the drawing: a chart has no width of its own and takes that of its place.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from lab_env.text import one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH = 400
_POINT = 72  # of matplotlib, to the inch; one unit of the drawing is one point
_TEXT, _QUIET, _FILL, _LINE, _HOLLOW = "#010101", "#020202", "#030303", "#040404", "#050505"
_VARIABLES = {_TEXT: "--text", _QUIET: "--quiet", _FILL: "--fill", _LINE: "--line", _HOLLOW: "--panel"}
_FONT = 13.5
_SETTINGS = {
    "svg.fonttype": "none",
    "svg.hashsalt": "secrets-lab",
    "font.family": "DejaVu Sans",  # comes with matplotlib: the layout is the same everywhere
    "font.size": _FONT,
    "text.color": _TEXT,
    "text.parse_math": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.edgecolor": _LINE,
    "axes.labelcolor": _QUIET,
    "xtick.labelcolor": _QUIET,
    "ytick.labelcolor": _TEXT,
    "legend.labelcolor": _QUIET,
}


@dataclass(frozen=True)
class Bar:
    """One bar: ``solid`` and, on top of it, ``hollow``."""

    name: str
    solid: float
    hollow: float = 0


def columns(bars: Sequence[Bar], *, under: str, label: str) -> str:
    """Upright bars with their numbers.

    :param under: what the names under the bars mean.
    :param label: what somebody who does not see the chart is told.
    """
    with _figure(height=240) as figure:
        axes = figure.add_axes((0.01, 0.2, 0.98, 0.7))
        places = range(len(bars))
        axes.bar(places, [bar.solid for bar in bars], width=0.8, color=_FILL, clip_on=False)
        axes.set_xticks(places, [one_line(bar.name) for bar in bars])
        axes.set_yticks([])
        axes.set_xlim(-0.5, len(bars) - 0.5)
        axes.set_ylim(0, _top([bar.solid for bar in bars]))
        axes.set_xlabel(under, labelpad=8)
        for place, bar in enumerate(bars):
            if bar.solid:
                _write(axes, place, bar.solid, str(bar.solid), horizontal="center", vertical="bottom", up=3)
        return _svg(figure, label)


def rows(bars: Sequence[Bar], *, solid: str, hollow: str, label: str) -> str:
    """Lying bars, the first on top: a solid part and a hollow one, with the sum at the end.

    :param solid: what the solid part means; ``hollow`` likewise.
    :param label: what somebody who does not see the chart is told.
    """
    height = 26 * len(bars) + 40
    with _figure(height=height) as figure:
        axes = figure.add_axes((0.43, 6 / height, 0.48, 26 * len(bars) / height))
        places = range(len(bars))
        solids = [bar.solid for bar in bars]
        first = axes.barh(places, solids, height=0.62, color=_FILL, edgecolor=_FILL, clip_on=False)
        second = axes.barh(
            places,
            [bar.hollow for bar in bars],
            left=solids,
            height=0.62,
            color=_HOLLOW,
            edgecolor=_FILL,
            clip_on=False,
        )
        axes.set_yticks(places, [one_line(bar.name) for bar in bars])
        axes.set_xticks([])
        axes.set_ylim(len(bars) - 0.5, -0.5)
        axes.set_xlim(0, _top([bar.solid + bar.hollow for bar in bars]))
        axes.spines["bottom"].set_visible(False)
        for place, bar in enumerate(bars):
            total = bar.solid + bar.hollow
            _write(axes, total, place, str(total), horizontal="left", vertical="center_baseline", right=5)
        figure.legend(
            [*first.patches[:1], *second.patches[:1]],
            [solid, hollow],
            loc="upper right",
            ncols=2,
            frameon=False,
            handlelength=1,
            borderaxespad=0.2,
        )
        return _svg(figure, label)


@contextmanager
def _figure(height: int) -> Iterator[Figure]:
    """A figure under our settings alone: no user's configuration, nothing left behind."""
    from matplotlib import style
    from matplotlib.figure import Figure

    with style.context(_SETTINGS, after_reset=True):
        figure = Figure(figsize=(_WIDTH / _POINT, height / _POINT))
        yield figure


def _top(values: Sequence[float]) -> float:
    return max([1, *values]) * 1.0


def _write(
    axes: Axes,
    x: float,
    y: float,
    text: str,
    *,
    horizontal: str,
    vertical: str,
    right: float = 0,
    up: float = 0,
) -> None:
    axes.annotate(
        text,
        (x, y),
        xytext=(right, up),
        textcoords="offset points",
        ha=horizontal,
        va=vertical,
        annotation_clip=False,
    )


def _svg(figure: Figure, label: str) -> str:
    """The drawing as an element of an HTML page: no width, no ids, no styles of its own, colours by variable."""
    for axes in figure.axes:
        axes.tick_params(length=0)
    drawn = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(drawn, format="svg", metadata=nothing, transparent=True)
    root = ElementTree.fromstring(drawn.getvalue())  # noqa: S314 - what matplotlib wrote a line above
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag.endswith(("}defs", "}metadata")) or (child.tag.endswith("}g") and not len(child)):
                parent.remove(child)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        element.text = (element.text or "").strip() or None
        element.tail = None
        element.attrib.pop("id", None)
        if "d" in element.attrib:
            element.set("d", " ".join(element.attrib["d"].split()))
        if "style" in element.attrib:
            element.set("style", _themed(element.attrib["style"]))
    root.attrib = {
        "class": "drawing",
        "viewBox": root.attrib["viewBox"],
        "role": "img",
        "aria-label": one_line(label),
        "focusable": "false",
    }
    return ElementTree.tostring(root, encoding="unicode")


def _themed(declarations: str) -> str:
    """``declarations`` with the page's colours, and without a font of their own."""
    kept = [one for one in declarations.split("; ") if not one.startswith("font-family:")]
    return re.sub("#[0-9a-f]{6}", lambda match: f"var({_VARIABLES[match[0]]})", "; ".join(kept))
