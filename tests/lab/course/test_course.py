"""`lab course`: the words, what is written, and what goes wrong."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab.conftest import Ran

pytestmark = pytest.mark.slow

VERBS = ("new", "release", "collect", "autograde", "feedback", "export")


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_explains_itself(lab: Callable[..., Ran], verb: str) -> None:
    """Has every verb of the group a help of its own, and does the group name it?"""
    assert f"  {verb} " in lab("course", "--help").out
    assert f"lab course {verb}" in lab("course", verb, "--help").out


def test_help_imports_nothing_of_nbgrader() -> None:
    """Does the help come without the seconds that nbgrader's import costs?"""
    code = (
        "import sys\nfrom lab.cli import main\n"
        "try:\n    main(['course', '--help'])\nexcept SystemExit:\n    pass\n"
        "print([name for name in ('nbgrader', 'nbconvert', 'traitlets', 'rich', 'notebooks') if name in sys.modules],"
        " file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_a_course_from_nothing_to_marks(lab: Callable[..., Ran], tmp_path: Path) -> None:
    """Do the verbs lead from an empty place to a file of marks, each naming the next?"""
    course = tmp_path / "course"
    made = lab("course", "new", course)
    assert made.code == 0
    assert "lab course release" in made.out
    assert len(list((course / "source" / "secrets-management").glob("*.ipynb"))) == 6
    assert lab("course", "release", "--dir", course).code == 0
    handed = course / "submitted" / "ann" / "secrets-management"
    handed.mkdir(parents=True)
    for path in (course / "release" / "secrets-management").glob("*.ipynb"):
        (handed / path.name).write_bytes(path.read_bytes())
    broken = course / "submitted" / "ben" / "secrets-management"
    broken.mkdir(parents=True)
    (broken / "01-kms-key.ipynb").write_text("{")
    graded = lab("course", "autograde", "--dir", course, "--depth", "static")
    assert graded.code == 0, graded.err
    assert "ann: graded, " in graded.out
    assert "ben: ungradable, 0/100. 01-kms-key.ipynb is not a readable notebook" in graded.out
    (course / "submitted" / "cleo" / "secrets-management").mkdir(parents=True)
    assert lab("course", "autograde", "--dir", course, "--depth", "static").code == 0
    given = lab("course", "feedback", "--dir", course)
    assert (given.code, "for 3 students" in given.out) == (0, True)
    marks = tmp_path / "marks.csv"
    refused = lab("course", "export", "--dir", course, "--to", marks)
    assert (refused.code, marks.exists()) == (2, False)
    assert (
        "1 student (ann) graded at depth static: what needs more has no points, so nothing is exported." in refused.err
    )
    assert lab("course", "export", "--dir", course, "--to", marks, "--any-depth").code == 0
    assert marks.read_text().splitlines()[2].startswith("secrets-management,,,ben,,,,ungradable,0.0")


def test_somebody_without_a_mark_is_exit_code_4(lab: Callable[..., Ran], tmp_path: Path) -> None:
    """Is a grader that cannot grade exit code 4, with the reason and no number?"""
    course = tmp_path / "course"
    lab("course", "new", course)
    lab("course", "release", "--dir", course)
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text().replace('engine = "embedded"', 'engine = "https://example.org"'))
    handed = course / "submitted" / "ann" / "secrets-management"
    handed.mkdir(parents=True)
    (handed / "01-kms-key.ipynb").write_bytes((course / "release/secrets-management/01-kms-key.ipynb").read_bytes())
    graded = lab("course", "autograde", "--dir", course, "--depth", "plan")
    assert graded.code == 4
    assert "ann: error, no mark" in graded.out
    assert "example.org" in graded.out


def _nothing(directory: Path) -> None:
    """Leaves it empty."""


def _broken(directory: Path) -> None:
    (directory / "nbgrader_config.py").write_text("c = get_config()\nraise OSError('mine')")


@pytest.mark.parametrize(
    ("prepare", "words", "said"),
    [
        (_nothing, ("release",), "lab course new"),
        (_nothing, ("autograde",), "no nbgrader_config.py"),
        (_broken, ("release",), "mine"),
    ],
)
def test_what_is_no_course_is_usage(
    lab: Callable[..., Ran], tmp_path: Path, prepare: Callable[[Path], None], words: tuple[str, ...], said: str
) -> None:
    """Is a directory that holds no course, or a broken one, exit code 2 and a next step?"""
    prepare(tmp_path)
    ran = lab("course", *words, "--dir", tmp_path)
    assert ran.code == 2
    assert said in ran.err


def test_new_overwrites_nothing(lab: Callable[..., Ran], tmp_path: Path) -> None:
    """Is a directory that holds something left as it is?"""
    (tmp_path / "mine.txt").write_text("mine")
    ran = lab("course", "new", tmp_path)
    assert (ran.code, "not empty" in ran.err) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_nobody_to_grade_is_said(lab: Callable[..., Ran], tmp_path: Path) -> None:
    """Is a course without submissions told what to do?"""
    course = tmp_path / "course"
    lab("course", "new", course)
    lab("course", "release", "--dir", course)
    ran = lab("course", "autograde", "--dir", course)
    assert (ran.code, "Collect first" in ran.err) == (2, True)
