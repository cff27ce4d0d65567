"""The figures that docs/rubric.md publishes, measured again: nine in ten is not enough where a verdict hangs on each."""

from __future__ import annotations

import json

import pytest

from tests.graders.rubric.credentials.labelled.labelled import develop, held_out
from tests.graders.rubric.credentials.labelled.measure import FIGURES, figures

ENOUGH = 0.97


@pytest.mark.parametrize(("name", "lines"), [("develop", develop), ("held-out", held_out)])
def test_precision_and_recall(name: str, lines: object) -> None:
    """Are at least 97 of 100 accused lines credentials, and 97 of 100 credentials found, as it is published?"""
    pytest.importorskip("betterleaks", reason="no wheel for this platform; docs/rubric.md says so")
    measured = figures(lines())  # type: ignore[operator]
    assert min(measured.precision, measured.recall) >= ENOUGH, measured
    published = json.loads(FIGURES.read_text(encoding="utf-8"))[name]
    assert (measured.lines, measured.found, measured.missed, measured.accused) == tuple(published.values())
