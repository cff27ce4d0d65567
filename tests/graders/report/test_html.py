"""What the HTML says, without a browser."""

from __future__ import annotations

import re

from graders.model import Evidence, Status
from graders.report import html_report
from graders.report.excerpts import Excerpt
from graders.report.sources import places, quotes
from tests.graders.report import samples


def test_nothing_of_a_learner_becomes_markup() -> None:
    """Does hostile text, wherever a learner can put it, stay text?"""
    page = html_report.render(samples.results(), samples.sources(samples.results()))
    assert page.count("<script") == 1  # the class page's own, which its policy names by digest
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", page)
    assert "⟨U+202E⟩" in page
    assert "{{ 7*7 }}" in page


def test_policy_forbids_everything_but_styles() -> None:
    """Does the page carry a policy under which nothing can run or load?"""
    page = html_report.render(samples.results())
    assert "default-src 'none'; style-src 'unsafe-inline'" in page
    assert "src=" not in page
    assert "url(" not in page
    assert "@import" not in page


def test_every_status_has_its_word() -> None:
    """Is each status told in a word and a symbol, not by colour alone?"""
    page = html_report.render(samples.results())
    for word in ("Pass", "Fail", "Blocked", "Not run", "Ungradable", "Error", "Rejected", "Graded"):
        assert re.search(rf'aria-hidden="true">.</span>{word}</span>', page), word


def test_error_shows_no_number() -> None:
    """Does a submission with an error show a dash, never a zero?"""
    page = html_report.render(samples.results(samples.every_status()[4]))
    assert 'aria-label="No score"' in page
    assert ">0</text>" not in page


def test_what_nobody_could_read_has_no_cards() -> None:
    """Does a submission that could not be read show its reason, and no 25 equal cards?"""
    page = html_report.render(samples.results(samples.every_status()[3]))
    assert "cut off after 812 bytes" in page
    assert '<details class="card' not in page


def test_class_only_with_company() -> None:
    """Is the class table left out when there is one submission?"""
    assert '<table class="class">' in html_report.render(samples.results())
    assert '<table class="class">' not in html_report.render(samples.results(samples.every_status()[0]))


def test_same_results_same_page() -> None:
    """Is the page a function of its input?"""
    first, second = (html_report.render(samples.results(), samples.sources(samples.results())) for _ in range(2))
    assert first == second


def excerpt(seen: Evidence, texts: dict[str, str]) -> Excerpt | None:
    """What a report shows of the lines that this evidence cites."""
    return quotes([samples.row("kms.key", Status.FAIL, points=4, evidence=(seen,))], texts).excerpt(seen)


def test_excerpt_shows_the_line_in_its_surroundings() -> None:
    """Does an excerpt hold the cited line, marked, with two lines around it?"""
    seen = Evidence(kind="hcl", path="a.tf", line=3, detail="d")
    found = excerpt(seen, {"a.tf": samples.KMS_TF})
    assert found is not None
    assert [(line.number, line.hit) for line in found.lines] == [
        (1, False),
        (2, False),
        (3, True),
        (4, False),
        (5, False),
    ]
    assert "".join(piece.text for piece in found.lines[2].pieces) == "  deletion_window_in_days = 30"


def test_excerpt_is_bounded() -> None:
    """Is a huge block cut, with the number of lines left out, and a huge line too?"""
    text = "x" * 5000 + "\n" + "y\n" * 400
    found = excerpt(Evidence(kind="hcl", path="a.tf", line=1, end_line=400, detail="d"), {"a.tf": text})
    assert found is not None
    assert len(found.lines) < 20
    assert found.hidden == 400 - len(found.lines)
    assert sum(len(piece.text) for piece in found.lines[0].pieces) < 400


def test_excerpt_of_what_is_not_there() -> None:
    """Does evidence about a line or file that is not there give no excerpt instead of a crash?"""
    assert excerpt(Evidence(kind="hcl", path="a.tf", line=99, detail="d"), {"a.tf": "x\n"}) is None
    assert excerpt(Evidence(kind="hcl", path="b.tf", line=1, detail="d"), {"a.tf": "x\n"}) is None
    assert excerpt(Evidence(kind="api", detail="d"), {}) is None


def test_cited_names_the_files_to_read() -> None:
    """Are the files that the report must quote exactly those that the evidence names?"""
    assert {path for path, _ in places(samples.rows())} == {"modules/secrets/kms.tf", "modules/secrets/iam.tf"}
    assert places([samples.row("kms.key", Status.PASS, points=4)]) == ()
