"""The client factory, and the trail it leaves."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from botocore.exceptions import ClientError

from lab_env import engine as engines
from lab_env.engine import Account, Engine, probe, sessions
from lab_env.engine.sessions import Credentials
from lab_env.engine.trail import lookup_trail
from lab_env.errors import EngineError

pytestmark = pytest.mark.engine


def test_users_own_configuration_is_ignored(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do clients work when the user's profile, certificates, proxy and endpoint are all wrong?"""
    (tmp_path / "config").write_text("[profile broken\n")
    for name, value in {
        "AWS_PROFILE": "no-such-profile",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "config"),
        "AWS_CA_BUNDLE": "/nowhere",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "caller",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_SDK_LOAD_CONFIG": "1",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sessions, "_CLIENTS", sessions._Clients())  # nothing that was created before
    account = engines.fresh_account(engine)
    assert sessions.client(account, "sts").get_caller_identity()["Account"] == account.id
    assert ":us-east-1:" in sessions.client(account, "kms").create_key()["KeyMetadata"]["Arn"]


def test_threads_keep_their_accounts(engine: Engine) -> None:
    """With many threads on one shared client, does every call, page and waiter act in its own account?"""

    def work(_: int) -> bool:
        account = engines.fresh_account(engine)
        iam = sessions.client(account, "iam")
        iam.create_role(RoleName="r", AssumeRolePolicyDocument=probe._TRUST)
        iam.get_waiter("role_exists").wait(RoleName="r")
        roles = [role["Arn"] for page in iam.get_paginator("list_roles").paginate() for role in page["Roles"]]
        identity = sessions.client(account, "sts").get_caller_identity()["Account"]
        return roles == [f"arn:aws:iam::{account.id}:role/r"] and identity == account.id

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(work, range(48)))


def test_two_credentials_at_once(account: Account) -> None:
    """Does a client of the root stay the root's after one of a session was made?"""
    root = sessions.client(account, "sts")
    role = sessions.client(account, "iam").create_role(RoleName="x", AssumeRolePolicyDocument=probe._TRUST)["Role"]
    session = sessions.client(account, "sts", credentials=probe.assume(account, role["Arn"], "session"))
    assert session.get_caller_identity()["Arn"].endswith(":assumed-role/x/session")
    assert root.get_caller_identity()["Arn"].endswith(":root")


def test_credentials_do_not_show() -> None:
    """Is no secret key or token in a repr that may end in a log?"""
    assert "hush" not in repr(Credentials("id", "hush", "hush"))


def test_engine_that_went_away_is_an_engine_error() -> None:
    """Is a call that nobody answers one clear error with a next step, and not a crash of the client?"""
    nowhere = Account("123456789012", "http://127.0.0.1:9")
    with pytest.raises(EngineError, match="does not answer") as caught:
        sessions.client(nowhere, "sts").get_caller_identity()
    assert caught.value.next_step


@pytest.mark.parametrize(
    ("status", "code", "fault"),
    [
        (500, "InternalFailure", True),
        (503, "ServiceUnavailable", True),
        (501, "InternalFailure", False),  # it has no such API, which is a fact about it
        (403, "ExpiredToken", True),
        (403, "UnrecognizedClientException", True),
        (400, "AccessDeniedException", False),
        (404, "NoSuchEntity", False),
    ],
)
def test_an_answer_that_says_nothing_is_an_engine_error(
    account: Account, monkeypatch: pytest.MonkeyPatch, status: int, code: str, fault: bool
) -> None:
    """Is what the engine got wrong never taken for what AWS refuses, and the other way round?"""
    answer = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}}

    def call(*_: object, **__: object) -> None:
        raise ClientError(answer, "GetCallerIdentity")  # type: ignore[arg-type]

    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", call)
    with pytest.raises(EngineError if fault else ClientError, match=code):
        sessions.client(account, "sts").get_caller_identity()


def test_fresh_accounts_differ(engine: Engine) -> None:
    """Are accounts 12 digits, never with a leading zero, and never the same twice?"""
    ids = [engines.fresh_account(engine).id for _ in range(200)]
    assert len(set(ids)) == 200
    assert all(len(i) == 12 and i.isdigit() and i[0] != "0" for i in ids)


def test_trail_joins_on_the_session(account: Account) -> None:
    """Does the trail show a session's read, by its access key, in its window, and the root's apart from it?"""
    manager = sessions.client(account, "secretsmanager")
    arn = manager.create_secret(Name="s", SecretString="v")["ARN"]
    iam = sessions.client(account, "iam")
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=probe._TRUST)["Role"]
    allow = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    iam.put_role_policy(RoleName="reader", PolicyName="p", PolicyDocument=policy)
    start = datetime.now(UTC) - timedelta(seconds=1)
    keys = probe.assume(account, role["Arn"], "launch")
    sessions.client(account, "secretsmanager", credentials=keys).get_secret_value(SecretId=arn)
    manager.get_secret_value(SecretId=arn)
    end = datetime.now(UTC) + timedelta(seconds=1)
    mine = lookup_trail(account, start=start, end=end, access_key_id=keys.access_key_id)
    assert [(e.name, e.source) for e in mine] == [("GetSecretValue", "secretsmanager.amazonaws.com")]
    assert arn in json.dumps(mine[0].parameters)
    everyone = lookup_trail(account, start=start, end=end, name="GetSecretValue")
    assert {e.access_key_id for e in everyone} == {keys.access_key_id, account.id}
    later = end + timedelta(hours=1)
    assert lookup_trail(account, start=later, end=later + timedelta(hours=1), name="GetSecretValue") == ()


def test_a_private_engine_leaves_no_connection() -> None:
    """When an engine of one's own is gone: are all connections to it closed, not only on its side?"""
    ours = psutil.Process()
    with engines.private_engine() as running:
        port = urlsplit(running.endpoint).port
        account = engines.fresh_account(running)
        sessions.client(account, "kms").list_keys()
        sessions.client(account, "iam").list_roles()
        assert [c for c in ours.net_connections() if c.raddr and c.raddr.port == port]
    assert not [c for c in ours.net_connections() if c.raddr and c.raddr.port == port]
