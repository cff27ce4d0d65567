"""The page in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from graders.report import html_report
from tests.graders.report import samples
from tests.graders.report.opened import Scheme, opened

pytestmark = pytest.mark.browser


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The page of the one submission that has some of everything."""
    results = samples.results(samples.every_status()[0])
    html_report.write(results, tmp_path / "report.html", samples.sources(results))
    return tmp_path / "report.html"


@pytest.fixture
def everybody(tmp_path: Path) -> Path:
    """The page of the class that has every status."""
    html_report.write(samples.results(), tmp_path / "class.html", samples.sources(samples.results()))
    return tmp_path / "class.html"


@pytest.mark.parametrize("width", [375, 1280])
def test_nothing_overflows_and_nothing_is_fetched(browser: Browser, everybody: Path, file: Path, width: int) -> None:
    """Does the page fit its width, fetch nothing, run nothing and complain about nothing?"""
    for page in (everybody, file):
        with opened(browser, page, width=width) as seen:
            assert seen.overflow() == []
            assert seen.said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible(browser: Browser, everybody: Path, file: Path, scheme: Scheme) -> None:
    """Does axe find nothing to complain about, contrast included, in light and in dark?"""
    for page in (everybody, file):
        with opened(browser, page, scheme=scheme) as seen:
            assert seen.violations() == []


def test_cards_unfold_without_script(browser: Browser, file: Path) -> None:
    """Can a reader whose browser runs no script open a card and read its hint?"""
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


def test_paper_shows_what_is_folded(browser: Browser, file: Path) -> None:
    """Does the printed page show the hints and the evidence of what does not pass?"""
    with opened(browser, file, unfold=False) as seen:
        seen.page.emulate_media(media="print")
        body = seen.page.locator("details.card.blocked .body").first
        assert body.evaluate("e => e.getBoundingClientRect().height") > 0
