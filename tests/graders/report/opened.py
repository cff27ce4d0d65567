"""A report's page in a browser, with everything that the browser complained about or asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

Scheme = Literal["light", "dark"]


@dataclass(frozen=True)
class Opened:
    """:param said: console messages, errors, dialogs, and requests for anything but the page itself."""

    page: Page
    said: list[str] = field(default_factory=list)

    def overflow(self) -> list[str]:
        """What is wider than the window: the page itself, or parts of it that no box of their own scrolls."""
        found: list[str] = self.page.evaluate(
            """() => {
              const outside = [...document.querySelectorAll('main *')].filter(e =>
                e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll table')
                && getComputedStyle(e).position !== 'absolute');
              const page = document.documentElement.scrollWidth > innerWidth ? ['the page'] : [];
              return page.concat(outside.map(e => e.outerHTML.slice(0, 120)));
            }"""
        )
        return found

    def violations(self) -> list[tuple[str, str]]:
        """What axe complains about, contrast included: the rule and the first place."""
        # The page's own policy allows no script at all, so axe comes in through the browser's debugging door.
        found = Axe().run(self.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]})
        return [(violation["id"], violation["nodes"][0]["html"]) for violation in found.response["violations"]]


@contextmanager
def opened(
    browser: Browser, file: Path, *, width: int = 1280, scheme: Scheme = "light", unfold: bool = True
) -> Iterator[Opened]:
    """``file`` in a window of this width.

    :param unfold: open everything that is folded.
    """
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    seen = Opened(page)
    page.on("console", lambda message: seen.said.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: seen.said.append(f"error: {error}"))
    page.on("dialog", lambda dialog: seen.said.append(f"dialog: {dialog.message}"))
    page.on(
        "request",
        lambda request: None if request.url == file.as_uri() else seen.said.append(f"request: {request.url}"),
    )
    page.goto(file.as_uri())
    if unfold:
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    yield seen
    page.close()
