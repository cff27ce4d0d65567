"""Is a request that AWS would not take answered at once, in the words that its clients know, whichever way it is sent?"""

from __future__ import annotations

import asyncio
import gzip
import http.client
import json
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab_env.engine import Account, Engine, bodies, sessions

FORM: dict[bytes, bytes] = {}
JSON = {b"x-amz-target": b"secretsmanager.CreateSecret"}


def receiver(*pieces: bytes, then: str = "http.disconnect") -> bodies.Receive:
    """What a server gives of a body that comes in these pieces."""
    messages: Iterator[bodies.Message] = iter(
        [
            {"type": "http.request", "body": piece, "more_body": index + 1 < len(pieces)}
            for index, piece in enumerate(pieces)
        ]
    )

    async def receive() -> bodies.Message:
        return next(messages, {"type": then})

    return receive


def read(headers: dict[bytes, bytes], *pieces: bytes) -> bytes | bodies.Answer:
    return asyncio.run(bodies.read(headers, receiver(*pieces)))


@pytest.mark.parametrize(("headers", "limit"), [(FORM, bodies.FORM_BYTES), (JSON, bodies.JSON_BYTES)])
def test_up_to_the_limit(headers: dict[bytes, bytes], limit: int) -> None:
    """Is a body of just the limit read whole, in one piece and in many, and one byte more refused?"""
    body = b"x" * limit
    assert read(headers, body) == body
    assert read(headers, *(body[at : at + 1000] for at in range(0, limit, 1000))) == body
    for pieces in ((body + b"x",), (body, b"x"), (b"x", body)):
        answer = read(headers, *pieces)
        assert isinstance(answer, bodies.Answer)
        assert answer.status == 413


def test_the_rest_is_dropped_and_not_without_end() -> None:
    """Is what is refused read to its end, so that the answer arrives, but only to a bound, and none of it kept?"""
    taken = 0

    async def endless() -> bodies.Message:
        nonlocal taken
        taken += 1 << 20
        return {"type": "http.request", "body": bytes(1 << 20), "more_body": True}

    answer = asyncio.run(bodies.read(FORM, endless))
    assert isinstance(answer, bodies.Answer)
    assert bodies.READ_BYTES <= taken <= bodies.READ_BYTES + (2 << 20)


def test_who_goes_away_gets_nothing() -> None:
    """Is a client that leaves in the middle no body and no answer?"""
    receive = receiver(b"half")

    async def half() -> bodies.Message:
        return {**await receive(), "more_body": True}

    with pytest.raises(bodies.GoneError):
        asyncio.run(bodies.read(FORM, half))


def test_it_is_given_once() -> None:
    """Does the engine get the body whole, and after it what the server says next?"""

    async def both() -> list[bodies.Message]:
        receive = bodies.again(b"body", receiver())
        return [await receive(), await receive()]

    assert asyncio.run(both()) == [
        {"type": "http.request", "body": b"body", "more_body": False},
        {"type": "http.disconnect"},
    ]


def trust(size: int) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Sid": "a" * size}]})


@pytest.mark.engine
@pytest.mark.parametrize("size", [bodies.FORM_BYTES, 4 << 20])
def test_boto3_shows_a_client_error(account: Account, size: int) -> None:
    """Does boto3, as it is set up for anybody, end at the first answer with what the service says, and is nothing there?"""
    import boto3

    keys: dict[str, Any] = {"aws_access_key_id": account.id, "aws_secret_access_key": "test"}
    client = boto3.client("iam", endpoint_url=account.endpoint, region_name="us-east-1", **keys)
    with pytest.raises(ClientError) as caught:
        client.create_role(RoleName="r", AssumeRolePolicyDocument=trust(size))
    assert caught.value.response["Error"]["Code"] == "RequestEntityTooLarge"
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0
    assert not client.list_roles()["Roles"]
    manager = sessions.client(account, "secretsmanager")
    with pytest.raises(ClientError) as caught:
        manager.create_secret(Name="s", SecretString="s" * 4 * size)
    assert caught.value.response["Error"]["Code"] == "RequestEntityTooLargeException"
    assert not manager.list_secrets()["SecretList"]


@pytest.mark.engine
def test_what_aws_takes_is_taken(account: Account) -> None:
    """Do the longest secret and the longest policy that AWS takes arrive whole?"""
    manager = sessions.client(account, "secretsmanager")
    manager.create_secret(Name="s", SecretString='"' * 65_536)
    assert manager.get_secret_value(SecretId="s")["SecretString"] == '"' * 65_536
    iam = sessions.client(account, "iam")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(0))
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})
    policy += " " * (10_240 - len(policy))
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=policy.replace(" ", "\n"))
    assert iam.get_role_policy(RoleName="r", PolicyName="p")["PolicyDocument"]["Statement"]


def called(engine: Engine, account: Account, body: bytes | Iterable[bytes], **more: str) -> tuple[int, bytes]:
    """The answer to a POST; a body that is no bytes goes in chunks."""
    scope = f"{account.id}/20260101/us-east-1/iam/aws4_request"
    signed = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00"
    with closing(http.client.HTTPConnection(engine.endpoint.removeprefix("http://"), timeout=60)) as connection:
        headers = {"Authorization": signed, **{name.replace("_", "-"): value for name, value in more.items()}}
        connection.request("POST", "/", body=body, headers=headers, encode_chunked=not isinstance(body, bytes))
        answer = connection.getresponse()
        return answer.status, answer.read()


LIST = b"Action=ListRoles&Version=2010-05-08"


@pytest.mark.engine
def test_in_chunks_it_is_the_same(engine: Engine, account: Account) -> None:
    """Is a body without a length read, and refused when it is too long?"""
    assert called(engine, account, iter([LIST[:9], LIST[9:]]))[0] == 200
    status, said = called(engine, account, (b"x" * 1000 for _ in range(100)))
    assert status == 413
    assert b"<Code>RequestEntityTooLarge</Code>" in said
    assert called(engine, account, LIST)[0] == 200


@pytest.mark.engine
def test_nothing_is_unfolded(engine: Engine, account: Account) -> None:
    """Is a compressed body refused, which the engine would unfold to a thousand times its length?"""
    status, said = called(engine, account, gzip.compress(LIST), Content_Encoding="gzip")
    assert status == 415
    assert b"<Code>UnsupportedMediaType</Code>" in said


@pytest.mark.engine
def test_long_headers_come_to_nothing(engine: Engine, account: Account) -> None:
    """Are headers of a megabyte refused by the server itself, with the engine there afterwards?"""
    with suppress(ConnectionError):  # it hangs up on who is still sending: as good
        assert 400 <= called(engine, account, LIST, X_Long="x" * (1 << 20))[0] < 500
    assert called(engine, account, LIST)[0] == 200
