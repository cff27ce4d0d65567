"""The keeper: does a long run notice that its engine is gone, or is another one at the same address?"""

from __future__ import annotations

import pytest

from lab_env.engine import Account, private_engine
from lab_env.engine.keeper import MAX_RESTARTS, EngineKeeper
from lab_env.engine.sessions import client
from lab_env.errors import EngineError

pytestmark = pytest.mark.engine


def test_the_same_engine_all_the_time() -> None:
    """Is one engine given to everybody, and not lost as long as it remembers?"""
    told: list[str] = []
    with private_engine() as engine:
        keeper = EngineKeeper(engine.endpoint, lambda notice: told.append(notice.text))
        first = keeper.current()
        assert keeper.current() is first
        assert not keeper.lost(first)
    assert told == []


def test_an_engine_that_is_gone() -> None:
    """Is an engine that does not answer any more lost, told once, and the next one asked for?"""
    told: list[str] = []
    with private_engine() as engine:
        keeper = EngineKeeper(engine.endpoint, lambda notice: told.append(notice.text))
        first = keeper.current()
    assert keeper.lost(first)
    assert keeper.lost(first)  # for everybody who had it
    assert len(told) == 1
    with pytest.raises(EngineError):
        keeper.current()


def test_an_engine_that_has_forgotten() -> None:
    """Is an engine lost that answers, but has forgotten what was left on it?"""
    told: list[str] = []
    with private_engine() as engine:
        keeper = EngineKeeper(engine.endpoint, lambda notice: told.append(notice.text))
        first = keeper.current()
        account, name = keeper._sentinel or pytest.fail("no sentinel was left")
        assert isinstance(account, Account)
        client(account, "secretsmanager").delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        assert keeper.lost(first)
        second = keeper.current()
        assert second is not first
        assert not keeper.lost(second)
    assert len(told) == 1


def test_an_engine_that_is_lost_again_and_again() -> None:
    """Does a run end with a reason when its engine never stays?"""
    with private_engine() as engine:
        keeper = EngineKeeper(engine.endpoint, lambda text: None)
        for _ in range(MAX_RESTARTS + 1):
            now = keeper.current()
            account, name = keeper._sentinel or pytest.fail("no sentinel was left")
            client(account, "secretsmanager").delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
            assert keeper.lost(now)
        with pytest.raises(EngineError, match=f"was lost {MAX_RESTARTS + 1} times") as caught:
            keeper.current()
    assert caught.value.next_step
