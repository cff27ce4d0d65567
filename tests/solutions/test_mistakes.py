"""The mistakes: does the corpus tell every requirement's failure from every other's?"""

from __future__ import annotations

from collections import defaultdict

import pytest

from solutions.corpus import EVERY_OTHER, Case, load_corpus
from tests.graders.rubric.promise import IDS

# The corpus is held against the promise, not against the code.
DRILLS = frozenset({"rotation.survives_apply", "rotation.state_clean", "runtime.launch", "runtime.audit"})
# What these three ask for is what a drill shows: without it the drill fails as well, in any shape of module.
SHOWN_BY_A_DRILL = frozenset({"rotation.ignore_changes", "iam.read_secret", "iam.decrypt_key"})

CORPUS = load_corpus()
MISTAKES = CORPUS.of_kind("mistake")


def sole(*, drills_count: bool) -> dict[str, list[str]]:
    """Mistakes by the one id that they fail; without ``drills_count`` a drill that fails along is left out."""
    found: dict[str, list[str]] = defaultdict(list)
    for case in MISTAKES:
        failed = set(case.fail) if drills_count else set(case.fail) - DRILLS
        if len(failed) == 1:
            found[failed.pop()].append(case.name)
    return found


def test_there_are_enough_mistakes() -> None:
    """Are there at least ninety?"""
    assert len(MISTAKES) >= 90


@pytest.mark.parametrize("key", sorted(set(IDS) - DRILLS))
def test_two_mistakes_fail_nothing_else(key: str) -> None:
    """Is every requirement that is no drill the only one that at least two mistakes fail, drills apart?"""
    assert len(sole(drills_count=False)[key]) >= 2


@pytest.mark.parametrize("key", sorted(set(IDS) - DRILLS - SHOWN_BY_A_DRILL))
def test_two_mistakes_fail_not_even_a_drill(key: str) -> None:
    """Where no drill shows the same thing, do at least two mistakes fail this requirement and no drill either?"""
    assert len(sole(drills_count=True)[key]) >= 2


@pytest.mark.parametrize("key", sorted(DRILLS - {"runtime.audit"}))
def test_every_drill_has_its_mistakes(key: str) -> None:
    """Is there more than one mistake for every drill that a submission can fail?"""
    assert sum(key in case.fail for case in MISTAKES) >= 2


@pytest.mark.parametrize("case", MISTAKES, ids=lambda case: case.name)
def test_a_mistake_is_well_formed(case: Case) -> None:
    """Do its edits apply, are its ids the contract's, and does its reason fit in a sentence?"""
    assert case.ids <= set(IDS)
    assert case.files != CORPUS["reference"].files
    assert case.why.endswith(".")
    assert "\n" not in case.why


@pytest.mark.parametrize("case", [case for case in MISTAKES if "module.valid" in case.fail], ids=lambda case: case.name)
def test_an_invalid_module_blocks_everything_else(case: Case) -> None:
    """Does a module that cannot be read expect nothing to be judged?"""
    assert case.fail == ("module.valid",)
    assert case.blocked == (EVERY_OTHER,)


def test_only_an_invalid_module_is_refused() -> None:
    """Is every other mistake one that deploys, so that its verdict rests on what was deployed?"""
    assert [case.name for case in MISTAKES if case.status != "graded" and case.fail != ("module.valid",)] == []


def test_titles_differ() -> None:
    """Can two mistakes be told apart by their titles?"""
    titles = [case.title for case in MISTAKES]
    assert sorted(titles) == sorted(set(titles))
