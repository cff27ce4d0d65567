"""Pictures of boxes and arrows, as wide as a phone: shapes with sizes in CSS pixels, drawn by one template.

A picture scales with its place. Colours are the card's CSS variables; whatever a colour says, a word or a sign says, too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from lab.output.cards import Drawing, Mark
from lab.output.view import TEMPLATES

WIDTH = 360
EDGE = 6
INNER = WIDTH - 2 * EDGE
TEXT_SIZE = 12.5
LINE = 17
# Widths of a character to its size: wide enough for the fonts of all systems, so that a text never leaves its box.
_SANS, _MONO = 0.56, 0.62

Look = Literal["plain", "head", "quiet", "code"]
Frame = Literal["solid", "missing", "inset"]


@dataclass(frozen=True)
class Text:
    """One line, ``x`` and ``y`` of its baseline; ``full`` is told where it had to be shortened."""

    form: ClassVar = "text"
    x: float
    y: float
    text: str
    look: Look = "plain"
    anchor: Literal["start", "middle", "end"] = "start"
    full: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Box:
    """A frame; ``missing`` is drawn with dashes."""

    form: ClassVar = "box"
    x: float
    y: float
    width: float
    height: float
    frame: Frame = "solid"


@dataclass(frozen=True)
class Arrow:
    """A line with a head at its second end."""

    form: ClassVar = "arrow"
    x: float
    y: float
    to_x: float
    to_y: float


@dataclass(frozen=True)
class Pill:
    """A mark in its colour around ``x``, with sign and word."""

    form: ClassVar = "pill"
    x: float
    y: float
    width: float
    mark: Mark


@dataclass(frozen=True)
class Rule:
    """A thin line from side to side."""

    form: ClassVar = "rule"
    y: float


Shape = Text | Box | Arrow | Pill | Rule


def draw(title: str, told: Sequence[str], shapes: Sequence[Shape], height: float) -> Drawing:
    """Draw the picture with its title and description.

    :param told: the same in lines: the description, and the text form.
    """
    from graders.report.pages import fill

    name = hashlib.sha256("\0".join((title, *told)).encode("utf-8", "surrogateescape")).hexdigest()[:10]
    svg = fill(
        "picture.svg.j2",
        packages=TEMPLATES,
        title=title,
        told=tuple(told),
        shapes=tuple(shapes),
        width=WIDTH,
        height=height,
        name=name,
    )
    return Drawing(svg, (title, *told))


def labelled(
    x: float, y: float, width: float, lines: Sequence[tuple[Look, str]], frame: Frame = "solid"
) -> list[Shape]:
    """Draw a box with lines of text, each shortened to fit."""
    shapes: list[Shape] = [Box(x, y, width, box_height(len(lines)), frame)]
    for number, (look, text) in enumerate(lines):
        shapes.append(fitted(x + 10, y + 20 + number * LINE, width - 20, text, look))
    return shapes


def box_height(lines: int) -> float:
    """Give the height of a box with that many lines."""
    return 14 + lines * LINE


def fitted(
    x: float,
    y: float,
    width: float,
    text: str,
    look: Look = "plain",
    anchor: Literal["start", "middle", "end"] = "start",
) -> Text:
    """Fit a line to a width; its middle is left out where it is too long, as both ends of an ARN matter."""
    from lab_env.text import one_line

    whole = one_line(text)
    most = int(width / (TEXT_SIZE * (_MONO if look == "code" else _SANS)))
    if len(whole) <= most:
        return Text(x, y, whole, look, anchor)
    head = (most - 1) // 2
    tail = most - 1 - head
    return Text(x, y, f"{whole[:head]}…{whole[len(whole) - tail :]}", look, anchor, whole)
