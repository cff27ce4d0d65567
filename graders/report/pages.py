"""Fills the templates: every text is made visible and escaped, and the page needs nothing but itself."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from graders.report.text import counted, visible
from graders.report.walls import walls_line

if TYPE_CHECKING:
    from jinja2 import BaseLoader, Environment
    from markupsafe import Markup


def fill(template: str, *, styles: tuple[str, ...], **values: object) -> str:
    """The text of a page.

    :param template: its file's name, as are ``styles``.
    """
    return _environment().get_template(template).render(style=_trusted("\n".join(map(_read, styles))), **values)


def drawing(svg: str | None) -> Markup | None:
    """A chart of ours as markup. matplotlib and ElementTree escaped what was written into it."""
    return None if svg is None else _trusted(svg)


def environment(loader: BaseLoader) -> Environment:
    """Templates that put out visible, escaped text and know no name that is not given."""
    from jinja2 import Environment, StrictUndefined

    made = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    made.globals["counted"] = counted
    made.globals["walls_line"] = walls_line
    return made


@cache
def _environment() -> Environment:
    from jinja2 import PackageLoader

    return environment(PackageLoader("graders.report", "templates"))


def _visible(value: Any) -> Any:
    """Every text that a template puts out passes here, before Jinja escapes it."""
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _read(name: str) -> str:
    return files("graders.report").joinpath("templates", name).read_text(encoding="utf-8")


def _trusted(text: str) -> Markup:
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - our own files and drawings
