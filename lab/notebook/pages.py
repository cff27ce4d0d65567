"""Fills the templates of the outputs: every text is made visible and escaped, and an output needs nothing but itself."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


def fill(template: str, **values: object) -> str:
    """An output as HTML, with its style."""
    return _environment().get_template(template).render(style=_style(), **values)


@cache
def _environment() -> Environment:
    from jinja2 import ChoiceLoader, PackageLoader

    from graders.report.pages import environment

    # The reports' macros show the learner's lines here as they do there.
    return environment(
        ChoiceLoader([PackageLoader("lab.notebook", "templates"), PackageLoader("graders.report", "templates")])
    )


@cache
def _style() -> Markup:
    from markupsafe import Markup

    # The drills' cards and these outputs look the same.
    parts = [
        files(package).joinpath("templates", name).read_text(encoding="utf-8")
        for package, name in (("lab.notebook.drills", "card.css"), ("lab.notebook", "output.css"))
    ]
    return Markup("\n".join(parts))  # noqa: S704 - our own files
