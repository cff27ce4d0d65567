"""The embedded engine refuses what AWS refuses, in AWS's words, and takes what is like it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from graders.quality.conformance.refusals import PAIRS, Pair, filled, prepare, refusal
from lab_env.engine import Account, Engine, fresh_account, private_engine
from lab_env.engine.trail import lookup_trail

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with private_engine() as running:
        yield running


@pytest.fixture
def account(engine: Engine) -> Account:
    return fresh_account(engine)


@pytest.fixture
def known(account: Account) -> Mapping[str, str]:
    return prepare(account)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_pairs(pair: Pair, account: Account, known: Mapping[str, str]) -> None:
    """Is the one call refused with AWS's code and words, and the call beside it taken?"""
    told = refusal(account, pair.service, pair.operation, filled(pair.refused, known))
    assert told is not None
    assert told[0] == pair.code
    assert pair.says in told[1]
    assert refusal(account, pair.service, pair.operation, filled(pair.taken, known)) is None


@pytest.mark.parametrize("pair", [p for p in PAIRS if p.service == "ecs"], ids=lambda pair: pair.name)
def test_lenient(pair: Pair, account: Account, known: Mapping[str, str]) -> None:
    """Does the engine answer by itself to a lenient caller? It has no rules of its own for these."""
    assert refusal(account.lenient, pair.service, pair.operation, filled(pair.refused, known)) is None


def test_questions_are_in_no_trail(account: Account, known: Mapping[str, str]) -> None:
    """Does the trail show what was called, and none of the questions that the rules asked?"""
    before = _calls(account)
    assert refusal(account, "secretsmanager", "GetSecretValue", {"SecretId": known["<secret>"]}) is None
    after = _calls(account)
    assert sorted(_more(after, before)) == ["GetSecretValue"]


def _calls(account: Account) -> list[str]:
    return [event.name for event in lookup_trail(account)]


def _more(after: list[Any], before: list[Any]) -> list[Any]:
    left = list(after)
    for one in before:
        left.remove(one)
    return left
