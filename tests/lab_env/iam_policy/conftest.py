"""The stage on the engine that the evaluator is compared with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab_env.engine import Engine, fresh_account, private_engine
from tests.lab_env.iam_policy.stage import Stage


@pytest.fixture(scope="package")
def engine() -> Iterator[Engine]:
    """MiniStack as it is: its own reading of a policy is what ours is compared with, also of one that AWS refuses."""
    with private_engine(refusals=False) as running:
        yield running


@pytest.fixture(scope="package")
def stage(engine: Engine) -> Stage:
    """A secret, a key, roles, a user and boundaries in an account of their own."""
    return Stage.build(fresh_account(engine))
