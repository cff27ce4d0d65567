"""Which account a working copy is deployed to next."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.deployment import OWNER, DeploymentStore, Record
from lab_env.engine import Engine

ENGINE = Engine("localstack", "4.14.0", "http://127.0.0.1:4566", frozenset())


@pytest.fixture
def store(tmp_path: Path) -> DeploymentStore:
    """One that something is deployed on."""
    made = DeploymentStore(tmp_path / "one")
    (made.workspace).mkdir(parents=True)
    return made


def deploy(store: DeploymentStore) -> None:
    store.workspace.mkdir(parents=True, exist_ok=True)
    store.remember(Record("digest", "engine", "1"))


def test_nobody_knows_the_account(store: DeploymentStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an owner, is every account a new one?"""
    monkeypatch.delenv(OWNER, raising=False)
    assert len({store.next_account(ENGINE).id for _ in range(20)}) == 20


def test_the_owners_account_is_always_the_same(store: DeploymentStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Does an owner come back to one account, which is no other owner's and no other working copy's?"""
    found = set()
    for owner in ("ann", "ben"):
        for place in (store, DeploymentStore(store.directory.with_name("two"))):
            monkeypatch.setenv(OWNER, owner)
            ids = {place.next_account(ENGINE).id for _ in range(3)}
            assert len(ids) == 1
            found |= ids
    assert len(found) == 4
    assert all(len(one) == 12 and one.isdecimal() and one[0] != "0" for one in found)


def test_a_destroyed_account_is_not_used_again(store: DeploymentStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a destroy, when the secret's name stays taken, is the next account another one, and only then?"""
    monkeypatch.setenv(OWNER, "ann")
    seen = []
    for _ in range(3):
        deploy(store)
        seen.append(store.next_account(ENGINE).id)
        store.clear()
        store.clear()  # nothing is there any more
    assert len(set(seen)) == 3
