"""The similarity page in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from graders.similarity import page as similarity_page
from tests.graders.report.opened import Scheme, opened
from tests.graders.similarity import samples as similar_samples

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the class that has some of everything."""
    path = tmp_path_factory.mktemp("similar") / "similarity.html"
    similarity_page.write(similar_samples.everybody(), path)
    return path


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a class in which no pair is listed."""
    path = tmp_path_factory.mktemp("similar") / "empty.html"
    similarity_page.write(similar_samples.nobody(), path)
    return path


@pytest.mark.parametrize("width", [375, 820, 1280])
def test_nothing_overflows_and_nothing_is_fetched(browser: Browser, file: Path, empty: Path, width: int) -> None:
    """Does the page fit its width, fetch nothing, run nothing and complain about nothing?"""
    for page in (file, empty):
        with opened(browser, page, width=width) as seen:
            assert seen.overflow() == []
            assert seen.said == []


@pytest.mark.parametrize(("width", "scheme"), [(375, "dark"), (1280, "light")])
def test_accessible(browser: Browser, file: Path, empty: Path, width: int, scheme: Scheme) -> None:
    """Does axe find nothing to complain about, contrast included, in light and in dark, on a desk and on a phone?"""
    for page in (file, empty):
        with opened(browser, page, width=width, scheme=scheme) as seen:
            assert seen.violations() == []


@pytest.mark.parametrize(("width", "beside"), [(375, False), (1280, True)])
def test_sides_stand_beside_or_below_each_other(browser: Browser, file: Path, width: int, beside: bool) -> None:
    """Do the two sides of a region stand beside each other on a desk and below each other on a phone?"""
    with opened(browser, file, width=width) as seen:
        halves = seen.page.locator(".region").first.locator("> div")
        left, right = (
            halves.nth(n).evaluate("e => [e.getBoundingClientRect().left, e.getBoundingClientRect().top]")
            for n in (0, 1)
        )
    assert (left[1] == right[1]) is beside
    assert (left[0] == right[0]) is not beside


def test_pairs_unfold_without_script(browser: Browser, file: Path) -> None:
    """Does the link in the table lead a reader whose browser runs no script to the pair, and does it unfold?"""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    last = page.locator("details.pair").last
    region = last.locator(".inside")
    before = region.is_visible()
    last.locator("> summary").click()
    after = region.is_visible()
    context.close()
    assert (before, after) == (False, True)


def test_paper_shows_what_is_folded(browser: Browser, file: Path) -> None:
    """Does the printed page show the pairs that are folded on the screen?"""
    with opened(browser, file, unfold=False) as seen:
        seen.page.emulate_media(media="print")
        height = seen.page.locator("details.pair .inside").last.evaluate("e => e.getBoundingClientRect().height")
    assert height > 0
