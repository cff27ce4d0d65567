"""Charts as markup: no page around them is needed to see that they are safe and the same every time."""

from __future__ import annotations

import subprocess
import sys
from xml.etree import ElementTree

import pytest

from graders.report import charts
from graders.report.charts import Bar
from tests.graders.report import samples

BARS = [Bar("kms.key", 3, 2), Bar("rotation.survives_apply", 10), Bar("runtime.launch", 0, 7)]


def _both(bars: list[Bar], label: str = "what it shows") -> tuple[str, str]:
    return (
        charts.columns(bars, under="score", label=label),
        charts.rows(bars, solid="failed", hollow="never looked at", label=label),
    )


def _parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 - our own drawing


def test_the_same_every_time() -> None:
    """Does the same data give the same bytes?"""
    assert _both(BARS) == _both(BARS)


def test_nothing_is_fetched_and_nothing_leaks_into_the_page() -> None:
    """Is a chart free of addresses, ids, styles of its own, dates and fixed sizes?"""
    for svg in _both(BARS):
        for forbidden in (
            "url(",
            "href",
            "http",
            "<style",
            " id=",
            "<!DOCTYPE",
            "<?xml",
            "metadata",
            " width=",
            " height=",
        ):
            assert forbidden not in svg


def test_colours_follow_the_page() -> None:
    """Is every colour one of the page's variables, and no font but the page's?"""
    for svg in _both(BARS):
        colours = {
            declaration.partition(": ")[2]
            for element in _parsed(svg).iter()
            for declaration in element.get("style", "").split("; ")
            if declaration.startswith(("fill: ", "stroke: "))
        }
        assert colours <= {"none", *(f"var(--{name})" for name in ("text", "quiet", "fill", "line", "panel"))}
        assert "var(--fill)" in colours
        assert "font-family" not in svg


def test_text_is_text() -> None:
    """Are the numbers and names in a chart text that can be searched, and is the whole told to who cannot see it?"""
    columns, rows = _both(BARS, label='most in "x" & <y>')
    for text in ("kms.key", "rotation.survives_apply", "10", "7"):
        assert f">{text}</text>" in rows
    assert ">score</text>" in columns
    assert _parsed(columns).get("aria-label") == 'most in "x" & <y>'
    assert _parsed(columns).get("role") == "img"


@pytest.mark.parametrize("name", [samples.NASTY, "$\\frac{1}{", "a & <b>", "\ud800"])
def test_a_hostile_name_stays_text(name: str) -> None:
    """Is a name never read as markup or as mathematics?"""
    for svg in _both([Bar(name, 1, 1)], label=name):
        root = _parsed(svg)
        assert {element.tag for element in root.iter()} <= {"svg", "g", "path", "text"}


def test_empty_bars_draw() -> None:
    """Does a class of zeros still have a chart?"""
    for svg in _both([Bar("a", 0), Bar("b", 0)]):
        assert svg.startswith("<svg")


def test_bars_are_as_long_as_their_numbers() -> None:
    """Is the longest bar the whole field, a half of it half as long, and nothing of a bar of nothing drawn?"""
    drawn = charts.columns([Bar("a", 4), Bar("b", 2), Bar("c", 0)], under="u", label="l")
    paths = [element.get("d", "") for element in _parsed(drawn).iter("path")]
    assert [path.partition("v-")[2].partition("h")[0] for path in paths[:-1]] == ["168.0", "84.0"]
    drawn = charts.rows([Bar("a", 2, 2), Bar("b", 1, 0)], solid="s", hollow="h", label="l")
    paths = [element.get("d", "") for element in _parsed(drawn).iter("path")]
    assert [path.partition("h")[2].partition("v")[0] for path in paths] == ["96.0", "48.0", "14", "96.0", "14"]


def test_a_half_is_written() -> None:
    """Does a bar of half points say so, and a whole one without a point?"""
    drawn = charts.rows([Bar("a", 2.5), Bar("b", 3.0)], solid="s", hollow="h", label="l")
    assert ">2.5</text>" in drawn
    assert ">3</text>" in drawn


def test_only_what_is_drawn_is_loaded() -> None:
    """Does no drawing library come with it?"""
    program = (
        "import sys; from graders.report.charts import Bar, columns; columns([Bar('a', 1)], under='u', label='l');"
        " print(sorted({'matplotlib', 'numpy', 'PIL'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
