"""Charts as markup: no page around them is needed to see that they are safe and the same every time."""

from __future__ import annotations

import subprocess
import sys
from xml.etree import ElementTree

import matplotlib as mpl
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
            "height=",
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


def test_nothing_global_changes() -> None:
    """Are matplotlib's settings afterwards what they were, and do a user's own have no say?"""
    before = _both(BARS)
    with mpl.rc_context({"font.size": 30, "axes.grid": True, "svg.fonttype": "path", "figure.facecolor": "red"}):
        mine = dict(mpl.rcParams)
        assert _both(BARS) == before
        assert dict(mpl.rcParams) == mine


def test_no_pyplot() -> None:
    """Is the part of matplotlib that keeps global figures never loaded?"""
    program = (
        "import sys; from graders.report.charts import Bar, columns; columns([Bar('a', 1)], under='u', label='l');"
        " print('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
