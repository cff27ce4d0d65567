"""Fills the templates: every text is made visible and escaped, and the page needs nothing but itself."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from graders.report.depths import depth_line
from graders.report.isolation import isolation_line
from lab_env.text import counted, visible

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


_OWN = "graders.report"


def fill(template: str, *, styles: tuple[str, ...] = (), packages: tuple[str, ...] = (), **values: object) -> str:
    """The text of a page.

    :param template: its file's name, as are ``styles``.
    :param packages: whose folders ``templates`` have them; what they do not have is the reports' own.
    """
    environment = templates((*packages, _OWN))
    return environment.get_template(template).render(style=style_of(environment, styles), **values)


def style_of(environment: Environment, names: tuple[str, ...]) -> Markup:
    """Style sheets that lie beside the templates, one after the other."""
    loader = environment.loader
    assert loader is not None  # noqa: S101 - templates() gives one
    return trusted("\n".join(loader.get_source(environment, name)[0] for name in names))


def file_of(name: str) -> Markup:
    """A file of ours beside the templates, as it is."""
    return style_of(templates((_OWN,)), (name,))


def drawing(svg: str | None) -> Markup | None:
    """A chart of ours as markup: its template escaped what was written into it."""
    return None if svg is None else trusted(svg)


@cache
def templates(packages: tuple[str, ...]) -> Environment:
    """Templates that put out visible, escaped text and know no name that is not given.

    :param packages: whose folders ``templates`` they are in, the first that has one.
    """
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=ChoiceLoader([PackageLoader(package, "templates") for package in packages]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    made.globals["counted"] = counted
    made.globals["isolation_line"] = isolation_line
    made.globals["depth_line"] = depth_line
    return made


def _visible(value: Any) -> Any:
    """Every text that a template puts out passes here, before Jinja escapes it."""
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def trusted(text: str) -> Markup:
    """Text that is markup already: our own files and drawings, never anything of a learner's."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - our own files and drawings
