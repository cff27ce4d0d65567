"""The page in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from graders.report import html_report
from tests.graders.report import samples

pytestmark = pytest.mark.browser

Scheme = Literal["light", "dark"]


def _open(browser: Browser, tmp_path: Path, *, width: int, scheme: Scheme = "light") -> tuple[Page, list[str]]:
    """The sample class's page with everything unfolded, and what the browser complained about or asked for."""
    file = tmp_path / "report.html"
    html_report.write(samples.results(), file, samples.SOURCES)
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    said: list[str] = []
    page.on("console", lambda message: said.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    page.on("dialog", lambda dialog: said.append(f"dialog: {dialog.message}"))
    page.on("request", lambda request: None if request.url == file.as_uri() else said.append(f"request: {request.url}"))
    page.goto(file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    return page, said


@pytest.mark.parametrize("width", [375, 1280])
def test_nothing_overflows_and_nothing_is_fetched(browser: Browser, tmp_path: Path, width: int) -> None:
    """Does the page fit its width, fetch nothing, run nothing and complain about nothing?"""
    page, said = _open(browser, tmp_path, width=width)
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    outside = page.evaluate(
        "[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1"
        " && getComputedStyle(e).position !== 'absolute').map(e => e.className)"
    )
    page.close()
    assert said == []
    assert overflow <= 0
    assert outside == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible(browser: Browser, tmp_path: Path, scheme: Scheme) -> None:
    """Does axe find nothing to complain about, contrast included, in light and in dark?"""
    page, _ = _open(browser, tmp_path, width=1280, scheme=scheme)
    # The page's own policy allows no script at all, so axe comes in through the browser's debugging door.
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]})
    page.close()
    assert [(violation["id"], violation["nodes"][0]["html"]) for violation in found.response["violations"]] == []


def test_cards_unfold_without_script(browser: Browser, tmp_path: Path) -> None:
    """Can a reader whose browser runs no script open a card and read its hint?"""
    file = tmp_path / "report.html"
    html_report.write(samples.results(samples.every_status()[0]), file, samples.SOURCES)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    card = page.locator("details.card.fail").first
    hint = card.locator(".hint > p")
    before = hint.is_visible()
    card.locator(".hint > summary").click()
    after = hint.is_visible()
    context.close()
    assert (before, after) == (False, True)


def test_paper_shows_what_is_folded(browser: Browser, tmp_path: Path) -> None:
    """Does the printed page show the hints and the evidence of what does not pass?"""
    file = tmp_path / "report.html"
    html_report.write(samples.results(samples.every_status()[0]), file, samples.SOURCES)
    page = browser.new_page()
    page.goto(file.as_uri())
    page.emulate_media(media="print")
    height = page.locator("details.card.blocked .body").first.evaluate("e => e.getBoundingClientRect().height")
    page.close()
    assert height > 0
