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
