"""Fills the templates of the outputs: every text is made visible and escaped, and an output needs nothing but itself."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from graders.report import pages

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

# The reports' macros show the learner's lines here as they do there.
_PACKAGES = (
    "lab.notebook.output",
    "lab.notebook.check",
    "lab.notebook.drills",
    "lab.notebook.hcl",
    "lab.notebook.terraform",
    "graders.report",
)


CARDS = ("card.css",)
OUTPUTS = ("card.css", "output.css")
"""The drills' cards and the other outputs look the same."""


def fill(template: str, styles: tuple[str, ...] = OUTPUTS, **values: object) -> str:
    """An output as HTML, with its style."""
    environment = _environment()
    return environment.get_template(template).render(style=pages.style_of(environment, styles), **values)


def drawing(template: str, **values: object) -> str:
    """A picture as SVG markup."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    made = pages.templates(_PACKAGES)
    made.filters["drawn"] = pages.trusted
    made.filters["breakable"] = _breakable
    made.tests["shape"] = lambda shape, name: type(shape).__name__ == name
    made.tests["table"] = lambda block: hasattr(block, "headers")
    made.tests["drawing"] = lambda block: hasattr(block, "svg")
    made.tests["fold"] = lambda block: hasattr(block, "summary")
    return made


def _breakable(text: str) -> Markup:
    """A long name that a narrow place may break after a colon or a slash."""
    from lab_env.text import visible

    return pages.trusted("<wbr>").join(re.split(r"(?<=[:/])(?=.)", visible(text)))
