"""The figures that docs/rubric.md publishes, measured again."""

from __future__ import annotations

import importlib.util
import json

import pytest

from tests.conftest import missing
from tests.graders.rubric.credentials.labelled.labelled import develop, held_out
from tests.graders.rubric.credentials.labelled.measure import FIGURES, Figures, figures

ENOUGH = 0.97


def published(name: str) -> Figures:
    return Figures(**json.loads(FIGURES.read_text(encoding="utf-8"))[name])


@pytest.fixture(scope="module")
def measured() -> dict[str, Figures]:
    if importlib.util.find_spec("betterleaks") is None:
        missing("betterleaks has no wheel for this platform, as docs/rubric.md says")
    return {"develop": figures(develop()), "held-out": figures(held_out()), "all": figures([*develop(), *held_out()])}


@pytest.mark.parametrize("name", ["develop", "held-out", "all"])
def test_precision_and_recall(measured: dict[str, Figures], name: str) -> None:
    """Are 97 of 100 accused lines credentials, and 97 of 100 credentials found: in sight, held out, and in all of them?"""
    assert min(measured[name].precision, measured[name].recall) >= ENOUGH, measured[name]


@pytest.mark.parametrize("name", ["develop", "held-out"])
def test_no_worse_than_published(measured: dict[str, Figures], name: str) -> None:
    """Are the figures at least those that docs/rubric.md publishes?"""
    told = published(name)
    assert measured[name].lines == told.lines
    assert measured[name].precision >= told.precision
    assert measured[name].recall >= told.recall
