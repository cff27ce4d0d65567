"""The build: what it writes, and what its answers are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graders.rubric import registry
from notebooks.build import main
from notebooks.course import LESSONS, SOURCE, course
from notebooks.source_format import LessonError

ALL_IDS = " ".join(requirement.id for requirement in registry().requirements)


def test_the_committed_notebooks_are_current(capsys: pytest.CaptureFixture[str]) -> None:
    """Are the notebooks what the lessons give?"""
    assert main(["--check"]) == 0, capsys.readouterr().err


def test_the_same_bytes_every_time(tmp_path: Path) -> None:
    """Does a second build give the same bytes as the first and as the committed ones, and touch no file that is right?"""
    assert main(["--output", str(tmp_path)]) == 0
    first = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()}
    assert main(["--output", str(tmp_path)]) == 0
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()} == first
    assert {name: data for name, (data, _) in first.items()} == {p.name: p.read_bytes() for p in SOURCE.glob("*.ipynb")}


def test_check_names_what_is_not_current(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Are a changed, a missing and a foreign notebook named, and does a build put all three right?"""
    main(["--output", str(tmp_path)])
    (tmp_path / "01-kms-key.ipynb").write_text("{}")
    (tmp_path / "02-shell-secret.ipynb").unlink()
    (tmp_path / "09-old.ipynb").write_text("{}")
    assert main(["--check", "--output", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert re.findall(r"^\d\d-\S+", said, re.MULTILINE) == [
        "01-kms-key.ipynb",
        "02-shell-secret.ipynb",
        "09-old.ipynb",
    ]
    assert "python -m notebooks.build" in said
    assert main(["--output", str(tmp_path)]) == 0
    assert main(["--check", "--output", str(tmp_path)]) == 0


def test_a_directory_of_somebody_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Does `--solved` refuse a directory with other notebooks in it, instead of tidying it?"""
    (tmp_path / "my-work.ipynb").write_text("{}")
    assert main(["--solved", str(tmp_path)]) == 2
    assert "my-work.ipynb" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["my-work.ipynb"]


def test_a_wrong_lesson_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Does a mistake in a lesson end the build with one line, exit code 2 and no notebook?"""
    (tmp_path / "00-a.md").write_text("# T\n\n```run\n%x\n```\n")
    assert main(["--lessons", str(tmp_path), "--output", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert said == "00-a.md, line 3: a run block needs id=…. Correct the lesson and build again.\n"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ("```run id=start\n%x\n```", r"01-b\.md, line 3: the id start is in 00-a\.md already"),
        ("```hcl given id=y path=a.tf\n#\n```", r"01-b\.md, line 3: the file a\.tf is in 00-a\.md already"),
        ('```check id=y ids="kms.key"\n```', r"01-b\.md, line 3: the requirement kms\.key is in 00-a\.md already"),
        ('```check id=y ids="kms.kee"\n```', r"01-b\.md, line 3: the rubric has no requirement 'kms\.kee'"),
    ],
)
def test_once_in_the_course(tmp_path: Path, second: str, message: str) -> None:
    """Is an id, a path or a requirement that is in two lessons refused, and a requirement that the rubric lacks?"""
    first = "# A\n\n```run id=start\n%x\n```\n\n```hcl given id=x path=a.tf\n#\n```\n\n"
    (tmp_path / "00-a.md").write_text(f'{first}```check id=c ids="{ALL_IDS}"\n```\n')
    assert len(course(tmp_path)) == 1
    (tmp_path / "01-b.md").write_text(f"# B\n\n{second}\n")
    with pytest.raises(LessonError, match=message):
        course(tmp_path)


def test_a_requirement_without_a_check_is_told(tmp_path: Path) -> None:
    """Is a requirement that no lesson checks an error, so that points cannot get lost?"""
    (tmp_path / "00-a.md").write_text(f'# A\n\n```check id=c ids="{ALL_IDS.replace(" kms.alias", "")}"\n```\n')
    with pytest.raises(LessonError, match=r"no lesson checks kms\.alias"):
        course(tmp_path)


def test_no_lessons_is_told(tmp_path: Path) -> None:
    """Is an empty directory an error, instead of an empty course?"""
    with pytest.raises(LessonError, match="there is no lesson"):
        course(tmp_path)


def test_lessons_are_where_the_build_looks() -> None:
    """Are the six lessons there?"""
    assert [path.stem for path in sorted(LESSONS.glob("*.md"))] == [
        "00-where-secrets-leak",
        "01-kms-key",
        "02-shell-secret",
        "03-ignore-changes",
        "04-ecs-and-iam",
        "05-whole-module",
    ]
