"""The stage on the engine that the evaluator is compared with."""

from __future__ import annotations

import pytest

from lab_env.engine import Engine, fresh_account
from tests.lab_env.iam_policy.stage import Stage


@pytest.fixture(scope="package")
def stage(engine: Engine) -> Stage:
    """A secret, a key, roles, a user and boundaries in an account of their own."""
    return Stage.build(fresh_account(engine))
