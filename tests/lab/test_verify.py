"""`lab verify`: exit codes and words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from solutions.corpus import load_corpus, materialise
from tests.lab.conftest import Ran


@pytest.fixture
def graded(lab: Callable[..., Ran], tmp_path: Path) -> tuple[Path, Path]:
    """Results and the submission they are of."""
    submission, results = materialise(load_corpus()["reference"], tmp_path), tmp_path / "results.json"
    assert lab("grade", submission, "--depth", "static", "--json", results, "--no-cache").code == 0
    return results, submission


def test_the_same_is_zero(lab: Callable[..., Ran], graded: tuple[Path, Path]) -> None:
    """Does it end with 0 and say so when all is as it was?"""
    ran = lab("verify", *graded)
    assert ran.code == 0
    assert "Nothing that was compared has changed." in ran.out


def test_a_change_is_one(lab: Callable[..., Ran], graded: tuple[Path, Path]) -> None:
    """Does it end with 1 and name what changed?"""
    results, submission = graded
    (submission / "more.tf").write_text("locals {}\n")
    ran = lab("verify", results, submission)
    assert ran.code == 1
    assert "✗ changed    submission: reference: was sha256:" in ran.out
    assert "Changed: submission." in ran.out


def test_one_that_was_graded_under_another_name(lab: Callable[..., Ran], tmp_path: Path) -> None:
    """Is what was graded with --as found again, by itself or, where it looks like several, by --as?"""
    submission, results = materialise(load_corpus()["reference"], tmp_path), tmp_path / "results.json"
    words = ("--depth", "static", "--json", results, "--as", "ann")
    assert lab("grade", submission, *words).code == 0
    assert lab("verify", results, submission).code == 0
    assert lab("verify", results, submission, "--as", "ann").code == 0
    (submission / "more.tf").write_text("locals {}\n")
    ran = lab("verify", results, submission)
    assert (ran.code, "submission: ann: was sha256:" in ran.out) == (1, True)
    several = tmp_path / "several"
    for name in ("one", "two"):
        (several / name).mkdir(parents=True)
        (several / name / "main.tf").write_text("locals {}\n")
    assert lab("grade", several, *words).code == 0
    assert lab("verify", results, several, "--as", "ann").code == 0


def test_one_that_is_named_by_nbgraders_directories(lab: Callable[..., Ran], tmp_path: Path) -> None:
    """Is a student's own submission, graded where each has own values, found again by the same words?"""
    place = tmp_path / "submitted" / "ann" / "secrets-management"
    place.mkdir(parents=True)
    (place / "main.tf").write_text("locals {}\n")
    (tmp_path / "assignment.toml").write_text('variants = true\ncourse = "a-course"\n')
    (tmp_path / "class.csv").write_text("id\nann\nben\n")
    asked = ("--assignment", tmp_path / "assignment.toml")
    assert lab("course", "variants", "--dir", tmp_path, "--roster", tmp_path / "class.csv").code == 0
    assert lab("grade", place, "--depth", "static", "--json", tmp_path / "results.json", *asked).code == 0
    ran = lab("verify", tmp_path / "results.json", place, *asked)
    assert ran.code == 0, ran.out
    assert "✓ same       submission: ann: " in ran.out


def test_without_paths_the_submissions_are_not_known(lab: Callable[..., Ran], graded: tuple[Path, Path]) -> None:
    """Does it claim nothing about what it was not given?"""
    ran = lab("verify", graded[0])
    assert ran.code == 0
    assert "not compared: submission" in ran.out


def test_what_is_no_result_is_usage(lab: Callable[..., Ran], tmp_path: Path) -> None:
    """Does a file that is not there, or is no result, end with 2?"""
    assert lab("verify", tmp_path / "nothing.json").code == 2
    (tmp_path / "other.json").write_text("{}")
    assert lab("verify", tmp_path / "other.json").code == 2
