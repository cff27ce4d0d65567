"""The one rotation that drills, demonstrations and the grader make."""

from __future__ import annotations

import json

import pytest

from lab_env.engine import Account, sessions
from lab_env.rotation import PASSWORD_LENGTH, json_value, rotate_password


@pytest.mark.engine
def test_the_password_is_new_and_the_rest_stays(account: Account) -> None:
    """Is one version written, with another password each time and everything else as it was given?"""
    manager = sessions.client(account, "secretsmanager")
    arn = manager.create_secret(Name="rotated", SecretString=json.dumps({"password": "old"}))["ARN"]
    first, second = (rotate_password(manager, arn, {"username": "ada", "password": "old"}) for _ in range(2))
    answer = manager.get_secret_value(SecretId=arn)
    assert answer["VersionId"] == second.version != first.version
    assert json_value(answer) == {"username": "ada", "password": second.password}
    assert len(first.password) == PASSWORD_LENGTH
    assert len({"old", first.password, second.password}) == 3
    assert second.password not in repr(second)


@pytest.mark.parametrize("text", ["", "just text", "[1]", "3", "[" * 100_000])
def test_a_value_that_is_no_json_object(text: str) -> None:
    """Is anything else no value, however deeply it is nested, and an answer without a text, too?"""
    assert json_value({"SecretString": text}) is None
    assert json_value({"SecretBinary": b"{}"}) is None
