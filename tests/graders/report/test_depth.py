"""How deep a grading went: plain to see in every report, so that 10 of 10 at static depth is taken for nothing else."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from rich.console import Console

from graders.model import Depth, Results, SubmissionStatus
from graders.report import csv_report, html_report, terminal
from graders.report.depths import depth_line
from graders.report.feedback_pages import render_feedback
from tests.graders.report import class_samples
from tests.graders.report.opened import opened


def of_depth(depth: Depth | None, *, size: int = 6) -> Results:
    """A class of one maximum, one of it without a mark."""
    made = class_samples.class_of(size)
    first = made.submissions[0]
    broken = first.model_copy(
        update={"id": "zoe-broken", "status": SubmissionStatus.ERROR, "score": None, "reason": "A fault."}
    )
    most = first.max_score
    same = [one.model_copy(update={"max_score": most}) for one in made.submissions]
    return made.model_copy(update={"depth": depth, "submissions": (broken, *same)})


def shown(results: Results, *, is_terminal: bool = False) -> str:
    stream = io.StringIO()
    terminal.print_class(Console(file=stream, force_terminal=is_terminal, width=160, color_system=None), results)
    return stream.getvalue()


@pytest.mark.parametrize("depth", [Depth.STATIC, Depth.PLAN])
def test_every_report_says_so(depth: Depth) -> None:
    """Do the terminal's head, the page's head, ring, distribution and marks, a learner's page and the CSV name the depth?"""
    results = of_depth(depth)
    word, most = depth.value, results.submissions[1].max_score
    line = depth_line(results)
    assert line is not None
    assert line.startswith(f"Depth {word}: ")
    assert f"Marks are out of {most} points, not " in line or f"out of {most} points" in line
    assert shown(results).splitlines()[0] == line
    assert f"Score, {word}" in shown(results, is_terminal=True)
    page = html_report.render(results)
    assert f"<dt>Depth</dt><dd>{word}</dd>" in page
    assert line in page
    assert page.count(f'text-anchor="middle">{word}</text>') == len(results.submissions)
    assert f"of {most} points, depth {word}" in page
    assert f"percent of {most} points, {word}: bars of ten" in page
    assert f"Score, {word}</th>" in page
    learner = render_feedback(results, results.submissions[1])
    assert f"<dt>Depth</dt><dd>{word}</dd>" in learner
    assert line in learner
    assert f'text-anchor="middle">{word}</text>' in learner
    rows = list(csv.DictReader(io.StringIO(csv_report.dumps(results))))
    assert {row["depth"] for row in rows} == {word}


@pytest.mark.parametrize("depth", [Depth.FULL, None])
def test_a_full_run_needs_no_word(depth: Depth | None) -> None:
    """Does a full run carry no warning, and one of which it is not known no word that would be made up?"""
    results = of_depth(depth)
    assert depth_line(results) is None
    assert "Depth" not in shown(results)
    page = html_report.render(results)
    assert f"<dt>Depth</dt><dd>{'full' if depth else 'not written down'}</dd>" in page
    assert 'class="panel depth"' not in page
    rows = list(csv.DictReader(io.StringIO(csv_report.dumps(results))))
    assert {row["depth"] for row in rows} == {"full" if depth else ""}


def test_without_a_mark_is_apart() -> None:
    """Do those without a mark stand behind the others, under words of their own, and in no average and no bar?"""
    results = of_depth(Depth.STATIC)
    lines = shown(results).splitlines()
    apart = lines.index("Without a mark, by a fault of the grader or the engine:")
    assert [line.split()[0] for line in lines[apart + 1 :] if "/" in line] == [
        "zoe-broken",
        *(one.id for one in results.submissions[1:] if one.score is None),
    ]
    page = html_report.render(results)
    marks = page[page.index('id="marks"') :]
    assert marks.index("Without a mark, by a fault") < marks.index(">zoe-broken</a>")
    last = [one.id for one in results.submissions if one.score is not None][-1]
    assert marks.index(f">{last}</a>") < marks.index("Without a mark, by a fault")
    without = sum(one.score is None for one in results.submissions)
    assert f"Not among them: {without} submissions without a mark." in page
    scored = results.model_copy(
        update={"submissions": tuple(one for one in results.submissions if one.score is not None)}
    )
    assert "ithout a mark" not in html_report.render(scored)


@pytest.mark.browser
@pytest.mark.parametrize("width", [375, 1280])
def test_in_a_browser(browser: Browser, tmp_path: Path, width: int) -> None:
    """Does the word fit into page, ring and chart on a telephone and a desktop, in nothing but the page itself?"""
    results = of_depth(Depth.STATIC, size=30)
    html_report.write(results, tmp_path / "class.html")
    (tmp_path / "learner.html").write_text(render_feedback(results, results.submissions[1]), encoding="utf-8")
    for name in ("class.html", "learner.html"):
        with opened(browser, tmp_path / name, width=width) as seen:
            assert seen.overflow() == []
            assert seen.said == []
            assert seen.page.locator("p.depth").is_visible()
            outside = seen.page.evaluate(
                "() => [...document.querySelectorAll('svg text')].filter(t => { const b = t.getBBox(), v = t.ownerSVGElement"
                ".viewBox.baseVal; return b.x < v.x || b.x + b.width > v.x + v.width; }).map(t => t.textContent)"
            )
            assert outside == []
