"""The reading mode: content only, self-contained, accessible."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from notebooks.build import main
from notebooks.claims import is_documentation
from notebooks.course import SOURCE, course
from notebooks.reading import pages

NAMES = sorted(path.stem for path in SOURCE.glob("*.ipynb"))


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    """All pages by name."""
    return pages(course())


class Outline(HTMLParser):
    """A page's headings, links and resources."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if tag == "a":
            self.links.append(found.get("href") or "")
        if "id" in found:
            self.ids.append(found["id"] or "")
        if tag in ("script", "link", "iframe", "object") or (
            tag == "img" and not str(found["src"]).startswith("data:")
        ):
            self.loaded.append(tag)


def test_a_page_a_lesson(made: dict[str, str]) -> None:
    """Is there one page for each lesson, and one that leads to all of them?"""
    assert list(made) == ["index.html", *(f"{name}.html" for name in NAMES)]
    assert Outline(made["index.html"]).links == ["#content", *(f"{name}.html" for name in NAMES)]


@pytest.mark.parametrize("name", NAMES)
def test_content_only(made: dict[str, str], name: str) -> None:
    """Is the text there, and nothing of checks, answers, questions and solutions?"""
    text = made[f"{name}.html"]
    for lesson in course():
        if lesson.name == name:
            headings = [line[3:] for cell in lesson.cells for line in cell.source.split("\n") if line.startswith("## ")]
            shown = re.sub(r"<[^>]+>", "", text)
            assert all(re.sub("`", "", heading) in shown for heading in headings)
    assert not re.search(r"%lab_check|%predict|%load_ext|SOLUTION|In&nbsp;|input_prompt|nbgrader", text)
    assert "aws_kms_key.secrets.arn" not in text


@pytest.mark.parametrize("name", ["index", *NAMES])
def test_self_contained(made: dict[str, str], name: str) -> None:
    """Does a page load nothing, run nothing, and lead only to pages that exist and to documentation?"""
    outline = Outline(made[f"{name}.html"])
    assert outline.loaded == []
    inside = {link for link in outline.links if not link.startswith("#") and not is_documentation(link)}
    assert inside <= made.keys()
    assert {link[1:] for link in outline.links if link.startswith("#")} <= set(outline.ids)
    assert len(set(outline.ids)) == len(outline.ids)


@pytest.mark.parametrize("name", ["index", *NAMES])
def test_headings_in_order(made: dict[str, str], name: str) -> None:
    """Is there one first-level heading, and no level left out?"""
    levels = Outline(made[f"{name}.html"]).levels
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_same_every_time(made: dict[str, str], tmp_path: Path) -> None:
    """Does the command write these very pages, and write them again over themselves?"""
    for _ in range(2):
        assert main(["--reading", str(tmp_path)]) == 0
        assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == made
