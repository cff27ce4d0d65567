"""How a lesson's Markdown is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from notebooks.source_format import Lesson, LessonError, read_lesson

LESSON = """# A title

Some text.

```hcl answer path=modules/secrets/kms.tf id=kms-answer solution=modules/secrets/kms.tf
# given
```

```check ids="kms.key kms.alias" id=kms-check
```

## Try it

```run id=plan expect="2 to add" expect="said \\"so\\""
%terraform plan
```

More text.

```hcl
resource "aws_kms_key" "shown" {}
```

## Try it

The end.
"""


def lesson(directory: Path, text: str, name: str = "07-sample.md") -> Lesson:
    """The lesson with this text."""
    path = directory / name
    path.write_text(text, encoding="utf-8")
    return read_lesson(path)


def test_cells_in_order(tmp_path: Path) -> None:
    """Does each of our blocks become a cell, and everything else Markdown that starts over at a heading?"""
    read = lesson(tmp_path, LESSON)
    assert (read.name, read.title) == ("07-sample", "A title")
    assert [(cell.kind, cell.id) for cell in read.cells] == [
        ("text", "07-a-title"),
        ("answer", "kms-answer"),
        ("check", "kms-check"),
        ("text", "07-try-it"),
        ("run", "plan"),
        ("text", "07-try-it-part-2"),
        ("text", "07-try-it-part-3"),
    ]
    assert 'resource "aws_kms_key" "shown"' in read.cells[5].source


def test_attributes(tmp_path: Path) -> None:
    """Are a block's attributes and lines read as they are written, quotation marks and all?"""
    _, answer, check, _, run, *_ = lesson(tmp_path, LESSON).cells
    assert (answer.path, answer.solution, answer.source) == ("modules/secrets/kms.tf",) * 2 + ("# given",)
    assert check.requirements == ("kms.key", "kms.alias")
    assert run.expect == ("2 to add", 'said "so"')
    assert run.source == "%terraform plan"
    assert (answer.line, run.line) == (5, 14)


def test_text_ids_do_not_move(tmp_path: Path) -> None:
    """Does a section that is put in before leave the ids of what follows alone?"""
    before = lesson(tmp_path, LESSON).cells
    after = lesson(tmp_path, LESSON.replace("## Try it", "## Something new\n\nNew.\n\n## Try it", 1)).cells
    assert {cell.id for cell in before} < {cell.id for cell in after}


def test_blocks_inside_others_stay_text(tmp_path: Path) -> None:
    """Is one of our blocks inside a list or a longer fence an example, not a cell?"""
    text = "# T\n\n- item\n\n  ```run id=x\n  %x\n  ```\n\n````text\n```run id=y\n%y\n```\n````\n"
    assert [cell.kind for cell in lesson(tmp_path, text).cells] == ["text"]


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("```run expect=x\n%x\n```", r"line 3: a run block needs id=…\."),
        ("```run id=x colour=red\n%x\n```", r"line 3: a run block has no attribute 'colour'; it knows expect, id\."),
        ("```run id=x id=y\n%x\n```", r"line 3: id is given twice\."),
        ("```run id=X_1\n%x\n```", r"line 3: the id 'X_1' is not in small letters"),
        ("```run id=x\n```", r"line 3: a run block has no lines to run\."),
        ("```run id=x\n%x", r"line 3: this block has no end\."),
        ("```run id=x what\n%x\n```", r"line 3: 'what' is not of the form name=value\."),
        ('```run id=x expect="a\n%x\n```', r"line 3: the words after the fence cannot be read"),
        ('```run id=x expect="("\n%x\n```', r"line 3: expect='\(' is no regular expression"),
        ("```run id=x\n%x\n```\n\n```run id=x\n%x\n```", r"line 7: the id x is used twice\."),
        ("```check id=x ids=\n```", r"line 3: 'ids=' is not of the form name=value\."),
        ("```check id=x ids=kms.key\n%x\n```", r"line 3: a check block names requirements in ids and has no lines"),
        ("```hcl answer id=x path=a.tf\n```", r"line 3: an? answer block needs solution=…\."),
        ("```hcl given id=x path=a.tf\n```", r"line 3: an `hcl given` block has neither lines nor a solution\."),
        ("```hcl anwser id=x path=a.tf solution=a.tf\n```", r"line 3: .* is neither an `hcl given` nor"),
        ("Text.\n\n# Another title", r"line 5: a lesson has one first-level heading"),
        ("Text.\n### BEGIN SOLUTION\n", r"line 4: nbgrader's solution markers are written by the build alone\."),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, block: str, message: str) -> None:
    """Does each mistake in a source give one sentence with file and line?"""
    with pytest.raises(LessonError, match=rf"^07-sample\.md, {message}") as error:
        lesson(tmp_path, f"# T\n\n{block}")
    assert str(error.value).endswith("Correct the lesson and build again.")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("sample.md", "# T\n", "line 1: a lesson is named NN-name.md"),
        ("07-sample.md", "Text only.\n", "line 1: a lesson begins with a first-level heading"),
    ],
)
def test_a_file_that_is_no_lesson(tmp_path: Path, name: str, text: str, message: str) -> None:
    """Is a file that cannot be a lesson at all refused with its name?"""
    with pytest.raises(LessonError, match=message):
        lesson(tmp_path, text, name)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """Is a file that is no text refused with its name?"""
    (tmp_path / "07-sample.md").write_bytes(b"# \xff")
    with pytest.raises(LessonError, match=r"07-sample\.md, line 1: it cannot be read"):
        read_lesson(tmp_path / "07-sample.md")
