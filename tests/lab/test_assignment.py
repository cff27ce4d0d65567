"""Whose values `lab check --assignment FILE` checks by, where each learner has own values."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from graders.assignment import read_assignment
from lab.assignment import read
from lab.course import drawing
from lab_env.errors import UsageError
from solutions.corpus import load_corpus, materialise
from tests.lab.conftest import Ran


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An assignment with values for ann, beside nobody's working copy."""
    for name in ("LAB_STUDENT", "JUPYTERHUB_USER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LAB_STATE_DIR", str(tmp_path / "state"))
    path = tmp_path / "assignment.toml"
    path.write_text('variants = true\ncourse = "secrets-2026"\n')
    (tmp_path / "class.csv").write_text("id\nann\n")
    drawing.draw(tmp_path, tmp_path / "class.csv")
    return path


def test_a_file_with_own_values_needs_a_learner(lab: Callable[..., Ran], file: Path, tmp_path: Path) -> None:
    """Is a learner whom nobody has named asked who they are, in words that help, and never told to edit the class list?"""
    root = materialise(load_corpus()["starter"], tmp_path / "home")
    words = ("check", "--dir", root, "--depth", "static", "--assignment", file)
    ran = lab(*words)
    assert ran.code == 2
    assert "does not know who you are" in ran.err
    # `lab up --student` would find no file in the directory, and refuse.
    assert "Set LAB_STUDENT to the id" in ran.err
    assert "class list" not in ran.err


def test_the_learners_own_values_are_asked_for(
    lab: Callable[..., Ran], file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Does a check by a file go by the values of who was named, and is a stranger told so by name?"""
    root = materialise(load_corpus()["starter"], tmp_path / "home")
    found = read(root, file=file, environ={"LAB_STUDENT": "ann"})
    assert found is not None
    assert found.lesson == read_assignment(file).rules("ann").lesson
    with pytest.raises(UsageError, match=r"zoe is not in this course's variants\.csv") as caught:
        read(root, file=file, environ={"LAB_STUDENT": "zoe"})
    assert "Set LAB_STUDENT" in str(caught.value.next_step)
    assert read(root, environ=os.environ) is None
    monkeypatch.setenv("LAB_STUDENT", "ann")
    assert lab("check", "--dir", root, "--depth", "static", "--assignment", file).code == 1
