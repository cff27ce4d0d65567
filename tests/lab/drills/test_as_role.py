"""``%as_role``: what the engine does beside what the policies say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lab.drills.as_role import ask_as_role, matrix_card
from lab_env.errors import UsageError
from tests.lab.drills.conftest import DrillBench

pytestmark = [pytest.mark.engine, pytest.mark.terraform]


def test_engine_and_policies_agree_on_the_reference(reference: DrillBench) -> None:
    """Does the engine allow and refuse what our evaluator says, on the secret, its key and decoys?"""
    matrix = ask_as_role(reference.look())
    called = {(row.action, row.target): row.engine for row in matrix.rows if row.engine is not None}
    assert called["secretsmanager:GetSecretValue", "secret"] is True
    assert called["secretsmanager:GetSecretValue", "decoy secret"] is False
    assert called["kms:Decrypt", "key, directly"] is True
    assert called["kms:Decrypt", "decoy key"] is False
    assert called["secretsmanager:ListSecrets", "account"] is False
    assert [row for row in matrix.rows if row.disagrees] == []
    text = matrix_card(matrix).plain
    assert text.startswith("✓ as it should be")
    assert "(Sid ReadTheSecret)" in text  # which statement decided


def test_nothing_is_called_that_could_change_something(reference: DrillBench) -> None:
    """Are actions that write judged and not made, and are the decoys gone afterwards?"""
    before = reference.look()
    manager = reference.session.client("secretsmanager")
    value = manager.get_secret_value(SecretId=before.the_secret().arn)["VersionId"]
    matrix = ask_as_role(before, ["secretsmanager:PutSecretValue", "secretsmanager:DeleteSecret", "kms:Schedule*"])
    assert {row.engine for row in matrix.rows} == {None}
    assert all("not called" in row.answer for row in matrix.rows)
    assert manager.get_secret_value(SecretId=before.the_secret().arn)["VersionId"] == value
    assert [one["Name"] for one in manager.list_secrets()["SecretList"] if "decoy" in one["Name"]] == []


def test_a_role_that_may_too_much(make_bench: Callable[[Path], DrillBench], tmp_path: Path) -> None:
    """Is a right on every secret found by a real call on a decoy, and named with the statement that gives it?"""
    bench = make_bench(tmp_path)
    bench.write("reads-every-secret")
    bench.deploy()
    text = bench.text("as_role", "secretsmanager:GetSecretValue")
    assert text.startswith("✗ too much")
    assert "on the decoy secret" in text
    assert "statement 1" in text


def test_a_role_that_lacks_a_right(make_bench: Callable[[Path], DrillBench], tmp_path: Path) -> None:
    """Is the missing kms:Decrypt seen, which no engine would show as Secrets Manager does not ask KMS there?"""
    bench = make_bench(tmp_path)
    bench.write("decrypt-right-missing")
    bench.deploy()
    text = bench.text("as_role")
    assert text.startswith("✗ too little")
    assert "kms:Decrypt" in text.split("\n")[1] + text.split("\n")[2]


def test_an_engine_without_enforcement_calls_nothing(reference: DrillBench) -> None:
    """Where the engine enforces no IAM, is nothing called, and said that the policies alone were asked?"""
    live = reference.look()
    live = replace(live, engine=replace(live.engine, capabilities=live.engine.capabilities - {"iam"}))
    matrix = ask_as_role(live)
    assert not matrix.enforced
    assert {row.engine for row in matrix.rows} == {None}
    assert any(row.decision.allowed for row in matrix.rows)
    assert "does not enforce IAM" in matrix_card(matrix).plain


def test_words_that_name_no_action(reference: DrillBench) -> None:
    """Is a word that is no action refused with how to write one, and too many at once, too?"""
    with pytest.raises(UsageError, match="no IAM action"):
        ask_as_role(reference.look(), ["GetSecretValue"])
    with pytest.raises(UsageError, match="no IAM action"):
        ask_as_role(reference.look(), ["secretsmanager:Reed*"])
    with pytest.raises(UsageError, match="actions"):
        ask_as_role(reference.look(), ["kms:*"])
