"""Do the engine's wildcards mean what they meant, and can nobody's policy keep it computing?"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab_env.engine import Account, Engine, fresh_account, sessions
from lab_env.engine.linear_wildcards import Wildcards, match_in_linear_time
from lab_env.engine.sessions import Credentials

EVERY_WAY = "*?" * 14 + "!"
"""Fits nothing here. Python's re tries some 10^15 ways before it says so of a role's ARN."""
LIMIT_S = 10.0
TRUST = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def minis(pattern: str, ignore_case: bool) -> Any:
    """MiniStack's own expression: this process has not replaced it."""
    from ministack.core.iam_evaluator import _fnmatch_compile

    return _fnmatch_compile(pattern, ignore_case)


@settings(max_examples=3000, deadline=None)
@given(st.text("abB*?.:[\n+é", max_size=7), st.text("abB.:[\n+éÉ", max_size=7), st.booleans())
def test_answers_are_the_same(pattern: str, value: str, ignore_case: bool) -> None:
    """Does every short pattern match what MiniStack's own matches, in any case, with line feeds, with signs that re knows?"""
    assert (Wildcards(pattern, ignore_case).match(value) is None) == (minis(pattern, ignore_case).match(value) is None)


def test_all_the_shortest_are_the_same() -> None:
    """Is it so for every pattern of up to five signs and every value of up to four?"""
    values = ["".join(v) for n in range(5) for v in itertools.product("ab\n", repeat=n)]
    for size in range(6):
        for signs in itertools.product("a*?\n", repeat=size):
            pattern = "".join(signs)
            theirs, ours = minis(pattern, False), Wildcards(pattern, False)
            for value in values:
                assert (ours.match(value) is None) == (theirs.match(value) is None), (pattern, value)


@pytest.mark.parametrize("unit", ["*?", "*", "?*", "a*", "*a*b", "**?a"])
@pytest.mark.parametrize("ignore_case", [False, True])
def test_time_grows_with_the_pattern(unit: str, ignore_case: bool) -> None:
    """Does a pattern of a thousand times the length take a thousand times as long, and not twice as long for each sign?"""
    value = "a" * 500
    for doubled in range(4, 17):
        pattern = unit * ((1 << doubled) // len(unit)) + "!"
        started = time.process_time()
        assert Wildcards(pattern, ignore_case).match(value) is None
        assert time.process_time() - started < LIMIT_S, len(pattern)


def test_ministack_uses_it() -> None:
    """Does MiniStack's evaluation ask ours once it is told, with nothing kept of what it asked?"""
    from ministack.core import iam_evaluator

    before, kept = iam_evaluator._fnmatch_compile, dict(iam_evaluator._FNMATCH_CACHE)
    try:
        match_in_linear_time()
        assert iam_evaluator.fnmatch_iam_cs("a" * 500, "*?" * 5000 + "!") is False
        assert iam_evaluator.fnmatch_iam("KMS:Decrypt", "kms:*crypt") is True
        assert kept == iam_evaluator._FNMATCH_CACHE
    finally:
        iam_evaluator._fnmatch_compile = before


@pytest.fixture
def account(ministack: Engine) -> Account:
    return fresh_account(ministack)


def as_role(account: Account) -> Credentials:
    """A session of the role ``r``."""
    given = sessions.client(account, "sts").assume_role(
        RoleArn=f"arn:aws:iam::{account.id}:role/r", RoleSessionName="launch"
    )["Credentials"]
    return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


@pytest.fixture
def secret(account: Account) -> Iterator[str]:
    """A secret that the role ``r`` may read with its key, and nothing in the way."""
    iam = sessions.client(account, "iam")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=document(TRUST))
    allowed = {"Effect": "Allow", "Action": ["secretsmanager:*", "kms:Decrypt"], "Resource": "*"}
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=document(allowed))
    key = sessions.client(account, "kms").create_key()["KeyMetadata"]["KeyId"]
    made = sessions.client(account, "secretsmanager").create_secret(Name="s", SecretString="v", KmsKeyId=key)
    yield made["ARN"]
    assert sessions.client(account, "iam").list_roles()["Roles"]


def put(account: Account, secret: str, place: str, statement: dict[str, Any]) -> None:
    """Put the statement into the policy of that kind."""
    iam = sessions.client(account, "iam")
    everybody = {"Principal": "*", **statement}
    if place == "role":
        iam.put_role_policy(RoleName="r", PolicyName="more", PolicyDocument=document(statement))
    elif place == "boundary":
        allowed = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        arn = iam.create_policy(PolicyName="b", PolicyDocument=document(allowed, statement))["Policy"]["Arn"]
        iam.put_role_permissions_boundary(RoleName="r", PermissionsBoundary=arn)
    elif place == "secret":
        manager = sessions.client(account, "secretsmanager")
        manager.put_resource_policy(SecretId=secret, ResourcePolicy=document(everybody))
    elif place == "key":
        key = sessions.client(account, "secretsmanager").describe_secret(SecretId=secret)["KmsKeyId"]
        root = {"Principal": {"AWS": f"arn:aws:iam::{account.id}:root"}, "Effect": "Allow"}
        policy = document({**root, "Action": "kms:*", "Resource": "*"}, everybody)
        sessions.client(account, "kms").put_key_policy(KeyId=key, PolicyName="default", Policy=policy)
    else:
        who = EVERY_WAY if statement["Resource"] == EVERY_WAY else "*"  # a trust policy has no resource
        trust = {**everybody, "Principal": {"AWS": who}}
        iam.update_assume_role_policy(RoleName="r", PolicyDocument=document(TRUST, trust))


ALL = {"Effect": "Deny", "Action": "*", "Resource": "*"}


@pytest.mark.engine
@pytest.mark.parametrize("place", ["role", "boundary", "secret", "key", "trust"])
@pytest.mark.parametrize(
    "statement",
    [
        pytest.param({**ALL, "Resource": EVERY_WAY}, id="resource"),
        pytest.param({**ALL, "Action": EVERY_WAY}, id="action"),
        pytest.param({**ALL, "Condition": {"StringLike": {"aws:PrincipalArn": EVERY_WAY}}}, id="string"),
        pytest.param({**ALL, "Condition": {"ArnLike": {"aws:PrincipalArn": EVERY_WAY}}}, id="arn"),
    ],
)
def test_nobody_waits(account: Account, secret: str, place: str, statement: dict[str, Any]) -> None:
    """Does a role read its secret, and use its key, past a pattern that fits nothing, wherever in a policy that stands?"""
    put(account, secret, place, statement)
    keys = as_role(account)
    manager = sessions.client(account, "secretsmanager", credentials=keys)
    assert manager.get_secret_value(SecretId=secret)["SecretString"] == "v"
    key = sessions.client(account, "secretsmanager").describe_secret(SecretId=secret)["KmsKeyId"]
    sealed = sessions.client(account, "kms").encrypt(KeyId=key, Plaintext=b"v")["CiphertextBlob"]
    opened = sessions.client(account, "kms", credentials=keys).decrypt(CiphertextBlob=sealed)
    assert opened["Plaintext"] == b"v"
