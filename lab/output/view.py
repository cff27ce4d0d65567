"""A view: what a magic shows, made once and drawn twice."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import ClassVar

from lab_env.text import wrapped

TEMPLATES = (
    "lab.output",
    "lab.drills",
    "lab.terraform",
    "lab.notebook.check",
    "lab.notebook.hcl",
)
"""Whose folders ``templates`` the views' templates are in; what they do not have is the reports' own."""


class View(ABC):
    """A frozen value that holds all that is shown; drawing it reads no file, asks no API and looks at no state.

    Who looks at it gets HTML, who reads or hears it gets text; nobody gets only one of them.

    :cvar template: the HTML form, which is given the value as ``view``.
    """

    template: ClassVar[str]
    styles: ClassVar[tuple[str, ...]] = ("card.css", "output.css")

    @abstractmethod
    def lines(self) -> Iterator[str]:
        """Give the text form, line by line."""

    def lines_in(self, width: int, say: Callable[[str], str] = str) -> Iterator[str]:
        """Give the text form for a terminal, no line wider than it and no word parted.

        :param say: puts a text into the words of the front end.
        """
        for line in self.lines():
            text = line.lstrip()
            indent = len(line) - len(text)
            yield from wrapped(say(text), width, indent=indent, hanging=min(indent + 2, width // 2))

    @property
    def html(self) -> str:
        """The view with its style, for front ends that show pages."""
        from graders.report.pages import fill

        return fill(self.template, styles=self.styles, packages=TEMPLATES, view=self)

    @property
    def plain(self) -> str:
        """The view for terminals, programs and screen readers."""
        return "\n".join(self.lines())

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.plain}
