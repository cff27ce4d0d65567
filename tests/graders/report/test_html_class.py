"""What the class page says, without a browser."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from pathlib import Path

import pytest

from graders.model import Status
from graders.report import feedback_pages, html_report, pages
from graders.report.class_page import class_view, score_bins
from tests.graders.report import class_samples, samples


def test_same_class_same_page() -> None:
    """Is the page a function of its input, charts included?"""
    results = class_samples.class_of(12)
    first, second = (html_report.render(results, class_samples.sources_of(results)) for _ in range(2))
    assert first == second


def test_nothing_of_a_learner_becomes_markup() -> None:
    """Does hostile text stay text, in names, notes, policies, lines and observations?"""
    results = class_samples.class_of(20, ids=class_samples.HOSTILE_IDS)
    for links in (None, [f"f/{number}.html" for number in range(len(results.submissions))]):
        page = html_report.render(results, class_samples.sources_of(results), links=links)
        (script,) = re.findall("<script>(.*?)</script>", page, re.DOTALL)
        assert script == pages.file_of("class.js")
        assert f"script-src 'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}';" in page
        assert page.count("<script") == 1
        assert "<b>bold" not in page
        assert 'href="javascript' not in page
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", page)
        assert "default-src 'none'; style-src 'unsafe-inline'" in page
        assert "url(" not in page
        assert "src=" not in page


def test_every_learner_and_every_requirement_has_a_cell() -> None:
    """Is the heat map complete, with a word for each mark and a link on each that is not a pass?"""
    results = samples.results()
    page = html_report.render(results)
    table = page[page.index('<table class="map">') : page.index("</table>", page.index('<table class="map">'))]
    rows = table.split("<tbody>")[1].split("<tr>")[1:]
    assert len(rows) == len(results.submissions)
    first = re.findall(r"<td class=(\w+)>(<a [^>]*>)?[^<]+<", rows[0])
    assert [status for status, _ in first] == [row.status.value for row in results.submissions[0].requirements]
    linked = [status for status, link in first if link]
    assert linked == ["fail", "fail", "fail", "blocked"]
    assert all(len(re.findall("<td", row)) == 1 + 25 for row in rows)


def test_cells_lead_to_their_cards() -> None:
    """Is every address within the page the id of something on it, and every id there once?"""
    page = html_report.render(class_samples.class_of(9), {})
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


def test_with_feedback_pages_the_class_links_there(tmp_path: Path) -> None:
    """Does the class page lead to the learners' pages by relative address, and hold nobody's cards itself?"""
    results = class_samples.class_of(8, ids=class_samples.HOSTILE_IDS)
    sources = class_samples.sources_of(results)
    written = feedback_pages.write_feedback(results, tmp_path / 'fee"d back?', sources)
    (tmp_path / "out").mkdir()
    file = tmp_path / "out" / "class.html"
    html_report.write(results, file, sources, feedback=written)
    text = file.read_text()
    assert '<details class="card' not in text
    # A quotation mark, a space and a question mark are part of the path, not of the page or the address.
    addresses = set(re.findall(r'href="(\.\./[^"]+\.html)(?:#[^"]+)?"', text))
    assert addresses == {f"../fee%22d%20back%3F/{page.name}" for page in written}
    fails = re.findall(r'class=fail><a href="\.\./[^"#]+#s1-\d+"', text)
    assert len(fails) == sum(row.status is Status.FAIL for one in results.submissions for row in one.requirements)
    assert len(text) < len(html_report.render(results, sources)) / 2


def test_links_and_learners_have_to_match() -> None:
    """Is a list of pages that is not the class's refused instead of leading to somebody else?"""
    with pytest.raises(ValueError, match="a link for each submission"):
        html_report.render(samples.results(), links=["only-one.html"])


def test_policy_adjustments_and_notes_are_told() -> None:
    """Does the class page name the policy with its sentences, and at each learner what it led to?"""
    results = class_samples.class_of(8)
    page = html_report.render(results)
    assert "Late: 5 points a day." in page
    assert class_samples.POLICY.digest in page
    marks = page[page.index('<table class="class">') : page.index("</table>", page.index('<table class="class">'))]
    assert marks.count("<strong>−5</strong> late: Handed in 1 day late.") == 2
    assert marks.count("A version constraint was overridden.") == 2
    assert "The archive cannot be read" in marks


def test_no_policy_no_word_of_one() -> None:
    """Is nothing said about a policy where there was none?"""
    assert "policy</h3>" not in html_report.render(samples.results())
    assert "Marked under" not in html_report.render(samples.results())


def test_one_learner_is_told_the_policy_too() -> None:
    """Does the page of a single submission name the policy that it was marked under?"""
    one = samples.results(samples.every_status()[0]).model_copy(update={"policy": class_samples.POLICY})
    assert "Late: 5 points a day." in html_report.render(one)


def test_bins_count_who_has_a_score() -> None:
    """Is everybody with a score in one bin, 100 by itself, below 0 in the first, and nobody without one?"""
    scores = {"a": 0, "b": 9, "c": 10, "d": 99, "e": 100, "f": -3, "g": 104}
    learners = [
        samples.submission(id_, samples.rows(Status.PASS)).model_copy(update={"score": score})
        for id_, score in scores.items()
    ]
    bins = score_bins([*learners, samples.every_status()[4]])
    assert [bar.solid for bar in bins] == [3, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2]
    assert [bar.name for bar in bins][-2:] == ["90", "100"]


def test_an_error_is_in_no_average() -> None:
    """Is a submission without a score left out of mean and median, never counted as 0?"""
    everybody = samples.every_status()
    view = class_view(samples.results(everybody[1], everybody[4]), {})
    assert (view.average, view.median, view.full) == (100, 100, 1)
    nobody = class_view(samples.results(everybody[4], everybody[4]), {})
    assert (nobody.average, nobody.median) == (None, None)


def test_a_class_without_a_loss() -> None:
    """Does a perfect class get a page that says so, with no chart of nothing?"""
    page = html_report.render(samples.results(*(class_samples.learner(0, id_) for id_ in "ab")))
    assert "Nobody lost a point." in page
    assert "Nothing failed." in page


def test_the_failing_line_is_quoted_with_who_wrote_it() -> None:
    """Is the line that many wrote on the page once, with how many and links to them?"""
    results = class_samples.class_of(60)
    page = html_report.render(results, class_samples.sources_of(results))
    lines = page[page.index('<ol class="lines">') : page.index("</ol>")]
    assert "<code>deletion_window_in_days = 30</code>" in lines
    assert re.search(r"<summary>The \d+ learners", lines)
    assert 'href="#s5-' in lines


def test_headings_come_in_order() -> None:
    """Does no heading skip a level, and is there one first heading?"""
    page = html_report.render(class_samples.class_of(3), {})
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", page)]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_a_large_class_is_light() -> None:
    """Are 300 learners under 3 MB and 40,000 elements, each with what they did not meet and a way there from the map?"""
    results = class_samples.class_of(297)
    page = html_report.render(results, class_samples.sources_of(results))
    assert len(results.submissions) == 300
    assert len(page.encode()) < 3_000_000
    assert len(re.findall("<[a-z]", page)) < 40_000
    assert page.count('<article class="brief') == 300
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)
    assert '<details class="card' not in page


def test_a_class_that_fails_everything_is_light_too() -> None:
    """Is the worst class, in which nobody meets anything with the longest messages there are, under the same limits?"""
    rows = tuple(row.model_copy(update={"message": "x" * 5_000, "earned": 0}) for row in samples.rows(Status.FAIL))
    results = samples.results(*(samples.submission(f"learner-{n:03}", rows) for n in range(300)))
    page = html_report.render(results)
    assert len(page.encode()) < 3_000_000
    assert len(re.findall("<[a-z]", page)) < 40_000
    assert "Not met, too: " in page


def test_a_small_class_has_no_statistics_but_a_sentence() -> None:
    """Is nothing computed from five learners, while what they met and lost is told?"""
    page = html_report.render(class_samples.class_of(2))
    assert "No statistics: they say something where at least 10 were judged." in page
    assert "Difficulty</th>" not in page
    assert "Discrimination" not in page
    assert "judged</span>" in page
