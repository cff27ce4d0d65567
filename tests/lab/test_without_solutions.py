"""The installation that learners get: without solutions and without the course's sources, as the package has it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from notebooks import release

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages, less what goes into the other distribution; tests/test_wheel.py holds the real ones against each other."""
    place = tmp_path_factory.mktemp("installed")
    for package in ("lab", "lab_env", "graders", "notebooks", "solutions"):
        shutil.copytree(ROOT / package, place / package, ignore=shutil.ignore_patterns("__pycache__", "build"))
    for package in tomllib.loads((ROOT / "solutions/pyproject.toml").read_text())["tool"]["setuptools"]["packages"]:
        shutil.rmtree(place / package.replace(".", "/"))
    return place


def lab(installed: Path, directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lab.cli", *words],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_nothing_of_a_solution_is_in_it(installed: Path) -> None:
    """Is no line of the reference's resources anywhere in what a learner gets?"""
    reference = (ROOT / "solutions/reference/modules/secrets/iam.tf").read_text(encoding="utf-8")
    telling = max((line.strip() for line in reference.splitlines()), key=len)
    texts = [path.read_bytes() for path in installed.rglob("*") if path.is_file()]
    assert texts
    assert not [text for text in texts if telling.encode() in text]


def test_a_learner_can_begin_and_check(installed: Path, tmp_path: Path) -> None:
    """Are the starter's files given out and read, with nothing but them?"""
    begun = lab(installed, tmp_path, "reset")
    assert begun.returncode == 0, begun.stderr
    assert (tmp_path / "modules/secrets/kms.tf").is_file()
    checked = lab(installed, tmp_path, "check")
    assert checked.returncode == 1, checked.stderr
    assert "Next: write modules/secrets/kms.tf" in checked.stdout


def test_the_lesson_is_there(installed: Path, tmp_path: Path) -> None:
    """Does a learner read the lessons in a terminal, and run an experiment with what it needs of an earlier one?"""
    read = lab(installed, tmp_path, "lesson", "2")
    assert read.returncode == 0, read.stderr
    assert "Write modules/secrets/secret.tf" in read.stdout
    tried = lab(installed, tmp_path, "try", "where-are-the-leaks")
    assert tried.returncode == 0, tried.stderr
    assert "prod.tfvars, line 1, has the database password." in tried.stdout
    assert "---" not in tried.stdout  # what the earlier one prints was seen when it was its turn


def test_the_released_notebooks_are_given_out(installed: Path, tmp_path: Path) -> None:
    """Does a learner get the notebooks just as they are released, and keep what they have written?"""
    put = [sys.executable, "-m", "notebooks.release", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    (tmp_path / "02-shell-secret.ipynb").write_text("mine")
    subprocess.run(put, cwd=tmp_path, env=environment, check=True)
    wanted = {f"{name}.ipynb": release.text(name) for name in release.names()} | {"02-shell-secret.ipynb": "mine"}
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.glob("*.ipynb")} == wanted


def test_a_course_that_is_not_there_is_said(installed: Path, tmp_path: Path) -> None:
    """Without any notebooks: is it said where they come from?"""
    bare = tmp_path / "bare"
    shutil.copytree(installed, bare, ignore=shutil.ignore_patterns("released"))
    (tmp_path / "work").mkdir()
    ran = lab(bare, tmp_path / "work", "up", "--notebooks", "--no-browser")
    assert ran.returncode == 2
    assert "your instructor gave you" in ran.stderr


def test_the_self_test_says_what_it_lacks(installed: Path, tmp_path: Path) -> None:
    """Is a verb that needs the solutions a sentence and not a traceback?"""
    ran = lab(installed, tmp_path, "self-test", "--only", "reference")
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr
    assert "reference" in ran.stderr
