"""The class page and the learners' pages in a real browser, with names that mean harm."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from graders.report import html_report
from graders.report.feedback_pages import write_feedback
from tests.graders.report import class_samples
from tests.graders.report.opened import Scheme, opened

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def inline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class with everybody's cards on the page."""
    results = class_samples.class_of(4, ids=class_samples.HOSTILE_IDS[-4:])
    file = tmp_path_factory.mktemp("inline") / "class.html"
    html_report.write(results, file, class_samples.sources_of(results))
    return file


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class whose page links to the learners' own, which are in ``feedback`` beside it."""
    results = class_samples.class_of(16, ids=class_samples.HOSTILE_IDS)
    directory = tmp_path_factory.mktemp("linked")
    sources = class_samples.sources_of(results)
    pages = write_feedback(results, directory / "feedback", sources)
    html_report.write(results, directory / "class.html", sources, feedback=pages)
    return directory / "class.html"


def _learners(linked: Path) -> list[Path]:
    return sorted((linked.parent / "feedback").iterdir())


@pytest.mark.parametrize("width", [375, 1280])
def test_nothing_overflows_and_nothing_is_fetched(browser: Browser, inline: Path, linked: Path, width: int) -> None:
    """Do the pages fit their width, fetch nothing, run nothing and complain about nothing?"""
    for file in (inline, linked, *_learners(linked)[:4]):
        with opened(browser, file, width=width) as seen:
            assert seen.overflow() == []
            assert seen.said == []


@pytest.mark.parametrize(("width", "scheme"), [(375, "dark"), (1280, "light")])
def test_accessible(browser: Browser, inline: Path, linked: Path, width: int, scheme: Scheme) -> None:
    """Does axe find nothing to complain about, on a phone in the dark and on a desk in the light?"""
    for file in (inline, linked, _learners(linked)[0]):
        with opened(browser, file, width=width, scheme=scheme) as seen:
            assert seen.violations() == []


def test_a_mark_leads_to_its_evidence(browser: Browser, inline: Path) -> None:
    """Does the last fail of the heat map bring its card into view, open, past all the learners before?"""
    with opened(browser, inline, unfold=False) as seen:
        seen.page.locator(".map td.fail a").last.click()
        card = seen.page.locator("details.card:target")
        assert card.get_attribute("class") == "card fail"
        assert card.get_attribute("open") is not None
        assert card.evaluate("e => { const r = e.getBoundingClientRect(); return r.top >= 0 && r.top < innerHeight }")


def test_a_mark_leads_to_the_learners_page(browser: Browser, linked: Path) -> None:
    """Does a link of the class page open the right learner's page at the right card?"""
    with opened(browser, linked, unfold=False) as seen:
        row = seen.page.locator(".map tbody tr").nth(8)
        name = row.locator("th").inner_text()
        link = row.locator("td.fail a").first
        requirement = (link.get_attribute("title") or "").partition(":")[0]
        link.click()
        assert seen.page.locator("h2").first.inner_text() == name
        assert seen.page.locator("details.card:target .id").inner_text() == requirement


def test_the_map_scrolls_in_its_own_box(browser: Browser, linked: Path) -> None:
    """On a phone, can the heat map be moved sideways and down while names and requirements stay in sight?"""
    with opened(browser, linked, width=375) as seen:
        box = seen.page.locator(".scroll")
        assert box.evaluate("e => e.scrollWidth > e.clientWidth && e.scrollHeight > e.clientHeight")
        stuck = box.evaluate(
            """e => {
              e.scrollTo(200, 300);
              const box = e.getBoundingClientRect();
              const name = e.querySelector('tbody th').getBoundingClientRect();
              const item = e.querySelector('thead .item').getBoundingClientRect();
              return [Math.abs(name.left - box.left) < 3, item.top >= box.top && item.bottom < box.bottom];
            }"""
        )
        assert stuck == [True, True]


def test_the_map_can_be_gone_through_by_keyboard(browser: Browser, linked: Path) -> None:
    """Is the box a stop of its own, is focus seen, and is what passed no stop?"""
    with opened(browser, linked, unfold=False) as seen:
        seen.page.locator(".parts a").last.focus()
        seen.page.locator(".scroll").focus()
        seen.page.keyboard.press("Tab")
        focused = seen.page.evaluate("[document.activeElement.closest('.scroll') !== null]")
        assert focused == [True]
        outline = seen.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
        assert seen.page.locator(".map td.pass a").count() == 0


def test_charts_can_be_read_on_a_phone_and_follow_the_scheme(browser: Browser, linked: Path) -> None:
    """Is a chart as wide as its place at most, its text at least nine pixels high, its colours the scheme's?"""
    fills = []
    for scheme in ("light", "dark"):
        with opened(browser, linked, width=375, scheme=scheme) as seen:
            charts = seen.page.locator("svg.drawing")
            assert charts.count() == 2
            for chart in charts.all():
                size = chart.evaluate(
                    """e => [e.getBoundingClientRect().width, e.closest('figure').getBoundingClientRect().width,
                             e.getScreenCTM().a * parseFloat(getComputedStyle(e.querySelector('text')).fontSize)]"""
                )
                assert size[0] <= size[1]
                assert size[2] >= 9
            bar = charts.first.locator('[style*="--fill"] path').first
            fills.append(bar.evaluate("e => getComputedStyle(e).fill"))
    assert fills[0] != fills[1]


def test_paper_shows_the_whole_map(browser: Browser, linked: Path) -> None:
    """Is the printed heat map cut off neither at the side nor below?"""
    with opened(browser, linked, width=718, unfold=False) as seen:
        seen.page.emulate_media(media="print")
        box = seen.page.locator(".scroll")
        assert box.evaluate("e => getComputedStyle(e).overflow") == "visible"
        assert box.evaluate("e => e.querySelector('table').getBoundingClientRect().right <= innerWidth")
        assert box.locator("tbody tr").last.is_visible()
