"""Which account a working copy is deployed to next, and what is said of one that is refused."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from graders.model import SourceDiagnostic
from lab.deployment import STATE, DeploymentStore, Record, RefusedError, _accepted, require
from lab_env.engine import Engine
from lab_env.errors import UnreadError, UsageError
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


@pytest.mark.parametrize(
    ("place", "step"),
    [
        ({"path": "kms.tf", "line": 4}, "Correct it, then run `lab check`."),
        ({"address": "module.secrets.aws_kms_key.this"}, "Correct it, then run `lab check`."),
        ({}, "Run `lab check`; when it finds nothing wrong, run `lab doctor`."),
    ],
)
def test_only_what_stands_in_their_files_is_theirs_to_correct(place: dict[str, Any], step: str) -> None:
    """Is a learner told to correct what Terraform lays to a line or a resource of theirs, and sent to look further for the rest?"""
    with pytest.raises(RefusedError) as refused:
        require((SourceDiagnostic(summary="It went wrong", detail="", **place),))
    assert refused.value.next_step == step


def test_what_is_kept_is_ours_alone(store: DeploymentStore, tmp_path: Path) -> None:
    """Is what Terraform leaves kept as plain files that nobody else reads: no link followed, nothing of its own machinery?"""
    ran = tmp_path / "run"
    (ran / "submission" / "modules").mkdir(parents=True)
    (ran / "submission" / "modules" / "kms.tf").write_text("# a key")
    (ran / ".terraform").mkdir()
    (ran / ".terraform" / "provider").write_text("")
    (ran / STATE).write_text("{}")
    (ran / "leak").symlink_to("/etc/passwd")
    (ran / "away").symlink_to("/etc")
    os.mkfifo(ran / "pipe")
    store.make()
    (store.workspace / "old").write_text("")
    store.keep(ran)
    kept = {str(path.relative_to(store.directory)) for path in store.directory.rglob("*")}
    assert kept == {"workspace", f"workspace/{STATE}", *(f"workspace/submission{x}" for x in _MODULE)}
    assert store.directory.stat().st_mode & 0o777 == 0o700
    for path in (store.workspace, *store.workspace.rglob("*")):
        assert path.lstat().st_mode & 0o077 == 0, path


_MODULE = ("", "/modules", "/modules/kms.tf")


def test_what_cannot_be_kept(store: DeploymentStore, tmp_path: Path) -> None:
    """Where what is deployed cannot be kept: is the old state whole, and is the machine told of and not the module?"""
    (store.workspace / STATE).write_text("old")
    with pytest.raises(UsageError, match=r"cannot be kept in .*: No such file") as told:
        store.keep(tmp_path / "gone")
    assert "LAB_STATE_DIR" in str(told.value)
    assert (store.workspace / STATE).read_text() == "old"


def test_what_the_grader_does_not_read_is_no_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is what Terraform reads and the grader does not told as the grader's limit, where a learner deploys it, too?"""
    from graders import gate

    (tmp_path / "main.tf").write_text('variable "environment" {}\n')
    real = gate.check
    monkeypatch.setattr(gate, "check", lambda one: replace(real(one), accepted=False, unread="main.tf:1 is not read."))
    with pytest.raises(UnreadError, match=r"main.tf:1 is not read"):
        _accepted(tmp_path)
