"""A private engine for this folder, and state directories that are nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab_env import engine as engines
from lab_env.engine import Account, Engine


@pytest.fixture(scope="package")
def engine() -> Iterator[Engine]:
    with engines.private_engine() as running:
        yield running


@pytest.fixture
def account(engine: Engine) -> Account:
    return engines.fresh_account(engine)


@pytest.fixture(scope="package")
def ministack() -> Iterator[Engine]:
    """MiniStack without what we refuse in front of it: what gets past the rules must do it no harm, either."""
    with engines.private_engine(refusals=False) as running:
        yield running


@pytest.fixture
def state_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A state directory of the test's own; a shared engine that was started in it is stopped."""
    monkeypatch.setenv("LAB_STATE_DIR", str(tmp_path))
    monkeypatch.delenv("LAB_ENGINE_IDLE_MINUTES", raising=False)
    yield tmp_path
    engines.stop()
