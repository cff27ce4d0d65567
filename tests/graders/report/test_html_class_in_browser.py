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


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of more learners than a page has cards for."""
    results = class_samples.class_of(45, ids=class_samples.HOSTILE_IDS)
    file = tmp_path_factory.mktemp("large") / "class.html"
    html_report.write(results, file, class_samples.sources_of(results))
    return file


@pytest.mark.parametrize(("width", "scheme"), [(375, "dark"), (1280, "light")])
def test_a_large_class_fits_and_is_accessible(browser: Browser, large: Path, width: int, scheme: Scheme) -> None:
    """Is the page of many learners as tidy as that of few, on a phone in the dark and on a desk in the light?"""
    with opened(browser, large, width=width, scheme=scheme) as seen:
        assert seen.overflow() == []
        assert seen.violations() == []
        assert seen.said == []


def test_a_class_is_searched(browser: Browser, large: Path) -> None:
    """Does a part of a name, in any case, leave its learners in both tables and below, and does an empty search bring all back?"""
    with opened(browser, large, unfold=False) as seen:
        page = seen.page
        page.get_by_label("Find a learner").last.fill("LEARNER-02")
        for rows in (".map tbody tr:visible", ".class tbody tr:not(.remarks, .apart):visible", ".brief:visible"):
            names = page.locator(rows).evaluate_all("all => all.map(e => e.querySelector('th, h3').textContent)")
            assert names == [f"learner-02{n}" for n in range(10)]
        assert page.get_by_role("status").first.text_content() == "10 of 48"
        assert page.get_by_label("Find a learner").first.input_value() == "LEARNER-02"
        remarks = page.locator(".class .remarks:visible").evaluate_all(
            "all => all.map(e => e.previousElementSibling.querySelector('th').textContent)"
        )
        assert set(remarks) <= set(names)
        page.get_by_label("Find a learner").first.fill("")
        assert page.locator(".class tbody tr:not(.remarks, .apart):visible").count() == 48
        assert seen.said == []


def test_a_class_is_sorted(browser: Browser, large: Path) -> None:
    """Does a heading sort by its column, the other way round the second time, with everybody's remarks still below them?"""
    with opened(browser, large, unfold=False) as seen:
        page = seen.page

        def scores() -> list[float]:
            texts = page.locator(".class tbody:first-of-type tr:not(.remarks) .score").all_text_contents()
            return [float(text.partition("/")[0]) for text in texts]

        def apart() -> list[str]:
            return page.locator(".class tbody:last-of-type tr").all_text_contents()

        without = apart()

        before = page.locator(".class .remarks").evaluate_all(
            "all => all.map(e => [e.previousElementSibling.querySelector('th').textContent, e.textContent])"
        )
        page.get_by_role("button", name="Score").last.click()
        assert scores() == sorted(scores())
        assert page.locator(".class thead th.score").get_attribute("aria-sort") == "ascending"
        page.get_by_role("button", name="Score").last.click()
        assert scores() == sorted(scores(), reverse=True)
        assert len(scores()) == 47
        assert apart() == without
        after = page.locator(".class .remarks").evaluate_all(
            "all => all.map(e => [e.previousElementSibling.querySelector('th').textContent, e.textContent])"
        )
        assert sorted(after) == sorted(before)
        page.get_by_role("button", name="Learner").click()
        names = page.locator(".map tbody th").all_text_contents()
        assert [name for name in names if name.startswith("learner-0")] == [f"learner-0{n}" for n in range(14, 45)]
        assert seen.said == []


def test_without_script_everything_is_there(browser: Browser, large: Path) -> None:
    """Is the page whole, in order and without a dead control where no script runs, and does a mark still lead to its place?"""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(large.as_uri())
    assert page.locator(".class tbody tr:not(.remarks, .apart)").count() == 48
    assert page.locator("button, input").count() == 0
    assert page.locator(".brief").count() == 48
    link = page.locator(".map td.fail a").first
    target = (link.get_attribute("href") or "").removeprefix("#")
    link.click()
    assert (
        page.locator(f"[id='{target}'] code").first.inner_text()
        == (link.get_attribute("title") or "").partition(":")[0]
    )
    context.close()
