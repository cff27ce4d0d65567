"""The cards and pictures in a real browser: light and dark, wide and narrow, in JupyterLab's themes and outside of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from lab.drills.as_role import ask_as_role, matrix_card
from lab.drills.diagrams import DIAGRAMS, diagram_card
from lab.drills.launching import launch_all, launch_card
from lab.drills.leaks import Hit, Scan, leaks_card
from lab.drills.questions import Prediction, overview_card, question, question_card, verdict_card
from lab.drills.readers import reads_of_secret, trail_card
from lab.drills.rotation import rotate, rotation_card
from lab.output.cards import Card, Drawing, Lines
from tests.graders.report.opened import Scheme, opened
from tests.lab.drills.conftest import DrillBench

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.terraform]


@pytest.fixture(scope="module")
def cards(make_bench: Callable[[Path], DrillBench], tmp_path_factory: pytest.TempPathFactory) -> Sequence[Card]:
    """Every card that the magics have, of a deployment with a role too many and two rotations."""
    bench = make_bench(tmp_path_factory.mktemp("course"))
    bench.write("task-role-reads-too")
    bench.deploy()
    long = f"a/{'long-' * 12}name.txt"
    hits = (
        Hit("file", long, 3, "a value", planted=False),
        Hit("history", long, 3, "a value", planted=False, commit="1a2b3c4"),
    )
    found = [rotation_card(rotate(bench.look())), *map(launch_card, launch_all(bench.look()))]
    found += [matrix_card(ask_as_role(bench.look())), trail_card(bench.look(), reads_of_secret(bench.look()))]
    found += [rotation_card(rotate(bench.look())), *(diagram_card(bench.look(), which) for which in DIAGRAMS)]
    found += [
        leaks_card(Scan(hits, {"file": 2, "history": 9}, (), ())),
        overview_card({"which-role": Prediction("b", "a", True)}),
    ]
    asked = question("two-rotations")
    return [*found, question_card(asked), verdict_card(asked, "a"), verdict_card(asked, "c")]


def _page(cards: Sequence[Card], directory: Path, theme: str = "") -> Path:
    """The cards' HTML as a front end has it, in a page of its own."""
    outputs = "".join(f"<h2>{number}</h2>{card._repr_mimebundle_()['text/html']}" for number, card in enumerate(cards))
    style = "body { margin: 8px; background: Canvas; color: CanvasText; color-scheme: light dark }"
    file = directory / "cards.html"
    file.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Cards</title><style>{style}</style><body {theme}><main><h1>Cards</h1>{outputs}</main></body></html>",
        "utf-8",
    )
    return file


@pytest.mark.parametrize("width", [375, 640, 1280])
def test_nothing_overflows(browser: Browser, cards: Sequence[Card], tmp_path: Path, width: int) -> None:
    """Does every card fit the width, fetch nothing, and complain about nothing?"""
    with opened(browser, _page(cards, tmp_path), width=width) as seen:
        assert seen.overflow() == []
        assert seen.said == []


@pytest.mark.parametrize(
    ("scheme", "theme"),
    [
        ("light", ""),
        ("dark", ""),
        ("dark", 'data-jp-theme-light="true"'),
        ("light", 'data-jp-theme-light="false"'),
    ],
)
def test_accessible(browser: Browser, cards: Sequence[Card], tmp_path: Path, scheme: Scheme, theme: str) -> None:
    """Does axe find nothing, contrast included, whatever theme and system disagree about?"""
    with opened(browser, _page(cards, tmp_path, theme), scheme=scheme) as seen:
        assert seen.violations() == []


def test_the_theme_of_jupyterlab_counts(browser: Browser, cards: Sequence[Card], tmp_path: Path) -> None:
    """Is a card dark in a dark JupyterLab on a light system, and light the other way round?"""
    dark = _page(cards[:1], tmp_path, 'data-jp-theme-light="false"')
    colour = "getComputedStyle(document.querySelector('.lab-drill')).backgroundColor"
    with opened(browser, dark, scheme="light") as seen:
        assert seen.page.evaluate(colour) == "rgb(26, 32, 41)"
    light = _page(cards[:1], tmp_path, 'data-jp-theme-light="true"')
    with opened(browser, light, scheme="dark") as seen:
        assert seen.page.evaluate(colour) == "rgb(255, 255, 255)"


@pytest.mark.parametrize("width", [375, 1280])
def test_texts_of_pictures_stay_in_their_boxes(
    browser: Browser, cards: Sequence[Card], tmp_path: Path, width: int
) -> None:
    """In the browser's own fonts, does no text of a picture leave it, cross another text, or get smaller than 10 px?"""
    pictures = [card for card in cards if any(isinstance(block, Drawing) for block in card.blocks)]
    assert len(pictures) == len(DIAGRAMS)
    with opened(browser, _page(pictures, tmp_path), width=width, unfold=False) as seen:
        found = seen.page.evaluate(
            """() => [...document.querySelectorAll('.lab-drawing svg')].flatMap(svg => {
              const edge = svg.getBoundingClientRect();
              const scale = edge.width / svg.viewBox.baseVal.width;
              const texts = [...svg.querySelectorAll('text')].filter(t => t.textContent.trim());
              const boxes = texts.map(t => t.getBoundingClientRect());
              const pills = [...svg.querySelectorAll('rect.lab-pill')].map(r => r.getBoundingClientRect());
              const wrong = [];
              texts.forEach((text, i) => {
                const b = boxes[i];
                if (b.left < edge.left - 1 || b.right > edge.right + 1) wrong.push('leaves: ' + text.textContent);
                if (parseFloat(getComputedStyle(text).fontSize) * scale < 10) wrong.push('small: ' + text.textContent);
                boxes.forEach((o, j) => {
                  const over = Math.min(b.right, o.right) - Math.max(b.left, o.left);
                  const high = Math.min(b.bottom, o.bottom) - Math.max(b.top, o.top);
                  if (i < j && over > 1 && high > 3) wrong.push('crosses: ' + text.textContent + ' / ' + texts[j].textContent);
                });
                if (text.classList.contains('lab-word')) {
                  const around = p => p.left <= b.left + 1 && p.right >= b.right - 1;
                  const pill = pills.find(p => around(p) && p.top < b.bottom && p.bottom > b.top);
                  if (!pill) wrong.push('wider than its pill: ' + text.textContent);
                }
              });
              return wrong;
            })"""
        )
        assert found == []


def test_a_folded_answer_opens_without_script(browser: Browser, cards: Sequence[Card], tmp_path: Path) -> None:
    """Can the answer be read where no script runs, and is it hidden until then?"""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(_page(cards, tmp_path).as_uri())
    answer = page.locator("details", has_text="Show the answer")
    before = answer.locator("p").is_visible()
    answer.locator("summary").click()
    after = answer.locator("p").is_visible()
    context.close()
    assert (before, after) == (False, True)


def test_markup_is_text(browser: Browser, tmp_path: Path) -> None:
    """Is markup in any part of a card shown and not obeyed?"""
    evil = "<img src=x onerror=document.title='obeyed'>"
    card = Card(evil, evil, None, (Lines((evil,)),), evil)
    with opened(browser, _page([card], tmp_path)) as seen:
        assert seen.page.title() == "Cards"
        assert seen.page.locator(".lab-drill img").count() == 0
        assert seen.page.locator("li", has_text=evil).count() == 1
