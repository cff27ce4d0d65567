"""Fills the templates of the cards: every text is made visible and escaped, and the output needs nothing but itself."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from lab.notebook.drills.cards import Card


def card_html(card: Card) -> str:
    """A card as HTML, with its style."""
    return _environment().get_template("card.html.j2").render(card=card, style=_style())


def drawing(template: str, **values: object) -> str:
    """A picture as SVG markup."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    from jinja2 import PackageLoader

    from graders.report.pages import environment as templates

    environment = templates(PackageLoader("lab.notebook.drills", "templates"))
    environment.filters["drawn"] = _trusted
    environment.filters["breakable"] = _breakable
    environment.tests["shape"] = lambda shape, name: type(shape).__name__ == name
    environment.tests["table"] = lambda block: hasattr(block, "headers")
    environment.tests["drawing"] = lambda block: hasattr(block, "svg")
    environment.tests["fold"] = lambda block: hasattr(block, "summary")
    return environment


@cache
def _style() -> Markup:
    return _trusted(files("lab.notebook.drills").joinpath("templates", "card.css").read_text(encoding="utf-8"))


def _breakable(text: str) -> Markup:
    """A long name that a narrow place may break after a colon or a slash."""
    from graders.report.text import visible

    return _trusted("<wbr>").join(re.split(r"(?<=[:/])(?=.)", visible(text)))


def _trusted(text: str) -> Markup:
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - our own style, and pictures in which our template has escaped what it was given
