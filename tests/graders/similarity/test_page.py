"""What the similarity page says, without a browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graders.similarity import THRESHOLD, Similarity, compare
from graders.similarity import page as similarity_page
from lab_env.errors import UsageError
from lab_env.submission import SubmissionRef
from solutions.corpus import load_corpus, materialise
from tests.graders.similarity import samples as similar_samples
from tests.graders.similarity.planting import submission


@pytest.fixture(scope="module")
def similarity() -> Similarity:
    """The class that has some of everything."""
    return similar_samples.everybody()


@pytest.fixture(scope="module")
def page(similarity: Similarity) -> str:
    """Its page."""
    return similarity_page.render(similarity)


def test_it_opens_with_the_warning(page: str) -> None:
    """Does the reader meet the warning before the first name and the first score?"""
    said = page.index("Small right answers converge. A score is a reason to look and to talk, never a proof.")
    assert said < page.index('<table class="pairs">')
    assert said < page.index("amara")


def test_the_warning_is_there_when_nobody_is() -> None:
    """Is it said, too, that a low score clears nobody, when no pair is listed?"""
    page = similarity_page.render(similar_samples.nobody())
    assert "Small right answers converge" in page
    assert "A low score clears nobody" in page
    assert f"No two submissions reach a score of {THRESHOLD:.2f}." in page
    assert "<table" not in page
    assert "subtract the starter and the reference" in page


def test_nothing_of_a_learner_becomes_markup(page: str) -> None:
    """Does hostile text, in ids, paths, names, comments and lines, stay text?"""
    assert "<script" not in page
    assert "<img" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;b&gt;.tf" in page
    assert "&lt;/pre&gt;&lt;img" in page
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", page)
    assert "⟨U+202E⟩" in page
    assert "{{ 7*7 }}" in page


def test_policy_forbids_everything_but_styles(page: str) -> None:
    """Does the page carry a policy under which nothing can run or load?"""
    assert "default-src 'none'; style-src 'unsafe-inline'" in page
    for forbidden in ("src=", "url(", "@import", "<form", "<link"):
        assert forbidden not in page.replace("src=x onerror", "")


def test_it_says_what_was_compared(similarity: Similarity, page: str) -> None:
    """Are the number of pairs, what was subtracted, the threshold and its reason on the page, and the source named?"""
    text = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page))
    assert f"Compared {similarity.pair_count} pairs" in text
    assert "Subtracted starter and reference" in text
    assert f"Why a pair is listed from {THRESHOLD:.2f}" in text
    assert "no two of different origin reach 0.42" in text
    assert "Schleimer, Wilkerson and Aiken, 2003" in text
    assert "The usual value" not in text
    assert "broken: a.tf is not HCL throughout" in text
    assert "Cut off." in text


def test_another_threshold_is_told() -> None:
    """Does the page say so when the threshold is not the usual one?"""
    page = similarity_page.render(compare([submission("a", {"a.tf": "a = 1\n"})], threshold=0.2))
    assert "The usual value is 0.45." in page


def test_each_pair_has_its_row_and_its_regions(similarity: Similarity, page: str) -> None:
    """Does every listed pair have a row with a link that leads to its two sides?"""
    links = re.findall(r'<tr>\s*<th scope="row"><a href="#(p\d+)">', page)
    assert len(links) == len(similarity.pairs) >= 5
    for link in links:
        assert f'<details class="pair" id="{link}"' in page
    assert page.count('<div class="region">') == sum(len(pair.regions) for pair in similarity.pairs)


def test_lines_are_those_of_the_file(similarity: Similarity) -> None:
    """Are the marked lines on the page the lines of the file, with their numbers?"""
    pair = next(p for p in similarity.pairs if p.right == "amara-policy-attached")
    view = similarity_page.pair_view(1, pair, similarity.texts)
    assert len(view.regions) == len(pair.regions)
    for region, sides in zip(pair.regions, view.regions, strict=True):
        for id, place, side in ((pair.left, region.left, sides[0]), (pair.right, region.right, sides[1])):
            lines = similarity.texts[id][place.path].split("\n")
            assert {line.number for line in side.lines if line.hit} <= place.hits
            assert all(line.text == lines[line.number - 1].rstrip("\r") for line in side.lines)
            assert side.where.startswith(f"{place.path}:{place.line}")


def test_long_regions_and_lines_are_cut(similarity: Similarity) -> None:
    """Is a block of 60 lines cut with the number of the rest, and a line of 300 characters too?"""
    pair = next(p for p in similarity.pairs if p.right == "x" * 90)
    view = similarity_page.pair_view(1, pair, similarity.texts)
    side = next(s for sides in view.regions for s in sides if s.title == "a_b.c")
    assert len(side.lines) <= 24
    assert side.hidden == 62 - sum(1 for line in side.lines if line.hit)
    assert max(len(line.text) for sides in view.regions for s in sides for line in s.lines) <= 161


def test_a_class_of_copies_stays_readable() -> None:
    """Is the page of a class in which everybody is alike bounded, with the number of what is not shown?"""
    files = {"m.tf": similar_samples.EVIL}
    found = compare([submission(f"s{n}", files) for n in range(60)])
    page = similarity_page.render(found)
    assert "These are the first 100 of 1770 listed pairs." in page
    assert len(page) < 1_000_000


def test_groups_are_listed(page: str) -> None:
    """Is a group of three named, with how many of its pairs are listed?"""
    text = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page))
    assert "3 amara-dynamic-blocks, dynamic-blocks and zoë 3 of its 3 pairs are listed" in text


def test_same_class_same_page() -> None:
    """Is the page a function of its input?"""
    first, second = (similarity_page.render(similar_samples.everybody()) for _ in range(2))
    assert first == second


def test_a_class_on_disk(tmp_path: Path) -> None:
    """Is a class compared from its paths, the lesson subtracted, and what cannot be read told on the page?"""
    case = load_corpus()["policy-attached"]
    path = materialise(case, tmp_path)
    (tmp_path / "cut.zip").write_bytes(b"PK")
    ids = (("ann", path), ("ben", path), ("cut", tmp_path / "cut.zip"))
    found = similarity_page.of_class([SubmissionRef(id, at) for id, at in ids])
    assert [(p.left, p.right, p.identical) for p in found.pairs] == [("ann", "ben", True)]
    assert [id for id, _ in found.left_out] == ["cut"]
    assert "Everything that stands in the starter and the reference" in similarity_page.render(found)


def test_written_whole_or_not_at_all(tmp_path: Path, similarity: Similarity) -> None:
    """Is the file the page, and a directory that is not there an error that a person understands?"""
    similarity_page.write(similarity, tmp_path / "s.html")
    assert (tmp_path / "s.html").read_text(encoding="utf-8") == similarity_page.render(similarity)
    with pytest.raises(UsageError, match="Cannot write"):
        similarity_page.write(similarity, tmp_path / "nowhere" / "s.html")
