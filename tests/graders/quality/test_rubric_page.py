"""The rubric's page: is it what the registry says?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from graders.quality.rubric_page import document
from graders.rubric import registry

PAGE = Path(__file__).parents[3] / "docs" / "rubric.md"


def test_the_page_is_up_to_date() -> None:
    """Does docs/rubric.md say what the registry says? If not: python -m graders.quality.rubric_page."""
    assert PAGE.read_text(encoding="utf-8") == document(registry())


def test_every_requirement_has_one_row() -> None:
    """Does each requirement have a row of its own, with its points and its layer, in the rubric's order?"""
    rubric = registry()
    rows = [line.split(" | ") for line in document(rubric).splitlines() if line.startswith("| `")]
    assert [row[0] for row in rows] == [f"| `{r.id}`" for r in rubric.requirements]
    assert [row[1:3] for row in rows] == [[str(r.points), r.layer.value] for r in rubric.requirements]


def test_an_edit_of_a_requirement_changes_the_page() -> None:
    """Does the page differ when a point, a need, a title or a first hint differs?"""
    rubric = registry()
    first, *others = rubric.requirements
    edits = (
        replace(first, points=first.points + 1),
        replace(first, needs=("kms.key",)),
        replace(first, title="Another title"),
        replace(first, hints=("Another hint.", *first.hints[1:])),
    )
    pages = {document(replace(rubric, requirements=(edit, *others))) for edit in edits}
    assert len(pages | {document(rubric)}) == 5


def test_text_cannot_break_the_table() -> None:
    """Do a title with a bar and one with a tag stay text in one cell?"""
    rubric = registry()
    first, *others = rubric.requirements
    page = document(replace(rubric, requirements=(replace(first, title="a | b <i>c"), *others)))
    assert "| a \\| b &lt;i&gt;c |" in page
