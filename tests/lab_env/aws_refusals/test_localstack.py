"""Our LocalStack knows a lenient caller, too; that it refuses what the embedded engine does is in docs/engines.md, which
``tests/graders/quality/test_conformance.py`` holds."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from graders.quality.conformance.refusals import PAIRS, Pair, filled, prepare, refusal
from lab_env.engine import Account, Engine, fresh_account

pytestmark = pytest.mark.engine


@pytest.fixture
def account(localstack_engine: Engine) -> Account:
    return fresh_account(localstack_engine)


@pytest.fixture
def known(account: Account) -> Mapping[str, str]:
    return prepare(account)


TAKEN_BY_MOTO = ("a size that Fargate does not have", "Fargate on the bridge", "secrets without a role")


@pytest.mark.parametrize("pair", [p for p in PAIRS if p.name in TAKEN_BY_MOTO], ids=lambda pair: pair.name)
def test_lenient(pair: Pair, account: Account, known: Mapping[str, str]) -> None:
    """Does LocalStack answer by itself to a lenient caller?"""
    assert refusal(account.lenient, pair.service, pair.operation, filled(pair.refused, known)) is None
