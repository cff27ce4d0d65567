"""The examples in the docstrings of the functions that people call."""

from __future__ import annotations

import doctest
from collections.abc import Callable
from pathlib import Path

import pytest

from graders.batch.grade_many import grade_many
from graders.grade import grade
from lab_env.engine import connect
from lab_env.iam_policy import evaluate
from lab_env.submission import load_submission
from solutions.corpus import materialise

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    "called",
    [grade, grade_many, load_submission, evaluate, materialise, pytest.param(connect, marks=pytest.mark.engine)],
    ids=lambda called: called.__name__,
)
def test_an_example_is_true(called: Callable[..., object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Does the function have an example, and does it answer what the example says?"""
    monkeypatch.chdir(ROOT)
    told: list[str] = []
    names = {**called.__globals__}  # type: ignore[attr-defined]
    (example,) = doctest.DocTestFinder(recurse=False).find(called, called.__name__, globs=names)
    assert example.examples
    doctest.DocTestRunner().run(example, out=told.append)
    assert told == []
