"""Which account a working copy is deployed to next, and what is said of one that is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.model import SourceDiagnostic
from lab.deployment import DeploymentStore, Record, RefusedError, _accepted, require
from lab_env.engine import Engine
from lab_env.settings import ACCOUNT_OF

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
    monkeypatch.delenv(ACCOUNT_OF.name, raising=False)
    assert len({store.next_account(ENGINE).id for _ in range(20)}) == 20


def test_the_owners_account_is_always_the_same(store: DeploymentStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Does an owner come back to one account, which is no other owner's and no other working copy's?"""
    found = set()
    for owner in ("ann", "ben"):
        for place in (store, DeploymentStore(store.directory.with_name("two"))):
            monkeypatch.setenv(ACCOUNT_OF.name, owner)
            ids = {place.next_account(ENGINE).id for _ in range(3)}
            assert len(ids) == 1
            found |= ids
    assert len(found) == 4
    assert all(len(one) == 12 and one.isdecimal() and one[0] != "0" for one in found)


def test_a_destroyed_account_is_not_used_again(store: DeploymentStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a destroy, when the secret's name stays taken, is the next account another one, and only then?"""
    monkeypatch.setenv(ACCOUNT_OF.name, "ann")
    seen = []
    for _ in range(3):
        deploy(store)
        seen.append(store.next_account(ENGINE).id)
        store.clear()
        store.clear()  # nothing is there any more
    assert len(set(seen)) == 3


def test_what_the_gate_refuses_is_a_sentence_with_a_place(tmp_path: Path) -> None:
    """Is a learner whose working copy is refused told why and where, in words, and is nothing of our own types shown?"""
    (tmp_path / "main.tf").write_text('variable "environment" {}\n\nprovider "aws" {}\n')
    with pytest.raises(RefusedError) as refused:
        _accepted(tmp_path)
    (first,) = refused.value.diagnostics
    assert refused.value.message == f"The working copy is not accepted: {first.summary} (main.tf:3)"


def test_terraforms_errors_are_told_in_the_same_words() -> None:
    """Is an error of Terraform a sentence with its place, written as the gate's are?"""
    said = SourceDiagnostic(summary="Unsupported argument", detail="It is not expected here.", path="kms.tf", line=4)
    with pytest.raises(RefusedError) as refused:
        require((said,))
    assert refused.value.message == (
        "Terraform refuses the working copy: Unsupported argument (kms.tf:4): It is not expected here."
    )
