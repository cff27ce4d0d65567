"""The plug-in's audit trail: what is written down, what never is, and how it is looked up."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lab_env.localstack_ecs.secrets_lab_localstack import lookup
from lab_env.localstack_ecs.secrets_lab_localstack.trail import MAX_EVENTS, Call, Trail, named_things

ACCOUNT, REGION = "123456789012", "us-east-1"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:dev-database-credentials-AbCdEf"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/dev-execution/a-task"
NOON = datetime(2026, 1, 2, 12, 0, 0, 500_000, tzinfo=UTC)


def call(operation: str = "GetSecretValue", **changes: Any) -> Call:
    """A read of the secret by the account's root, with changes."""
    plain: dict[str, Any] = {
        "account": ACCOUNT,
        "region": REGION,
        "service": "secretsmanager",
        "operation": operation,
        "access_key_id": ACCOUNT,
        "parameters": {"SecretId": SECRET},
        "answer": {"ARN": SECRET, "SecretString": "hunter2-hunter2"},
        "read_only": operation.startswith("Get"),
    }
    return Call(**{**plain, **changes})


def asked(trail: Trail, **request: Any) -> list[dict[str, Any]]:
    """All pages of a request."""
    found: list[dict[str, Any]] = []
    token: str | None = None
    while True:
        more = {"NextToken": token} if token else {}
        answer = lookup.look_up(trail.events(ACCOUNT, REGION), {**request, **more})
        found += answer["Events"]
        token = answer.get("NextToken")
        if token is None:
            return found


def attribute(key: str, value: str) -> list[dict[str, str]]:
    return [{"AttributeKey": key, "AttributeValue": value}]


def test_who_called_what_and_when() -> None:
    """Does a record tell the key, the call, the second and the secret, the way CloudTrail does?"""
    trail = Trail()
    trail.add(call(), NOON)
    (event,) = asked(trail)
    record = json.loads(event["CloudTrailEvent"])
    assert (event["EventName"], event["AccessKeyId"], event["EventSource"], event["ReadOnly"]) == (
        "GetSecretValue",
        ACCOUNT,
        "secretsmanager.amazonaws.com",
        "true",
    )
    assert event["EventTime"] == NOON.replace(microsecond=0)
    assert event["Resources"] == [{"ResourceType": "AWS::SecretsManager::Secret", "ResourceName": SECRET}]
    assert record["requestParameters"] == {"secretId": SECRET}
    assert record["userIdentity"]["arn"] == f"arn:aws:iam::{ACCOUNT}:root"
    assert "errorCode" not in record


@pytest.mark.parametrize(
    "parameters",
    [
        {"SecretId": "db", "SecretString": "hunter2-hunter2"},
        {"Name": "db", "SecretBinary": b"hunter2-hunter2", "Description": "hunter2-hunter2"},
        {"KeyId": "k", "Plaintext": b"hunter2-hunter2", "EncryptionContext": {"a": "hunter2-hunter2"}},
        {"family": "app", "containerDefinitions": [{"environment": [{"name": "P", "value": "hunter2-hunter2"}]}]},
        {"RoleName": "r", "PolicyDocument": "hunter2-hunter2", "Tags": [{"Key": "a", "Value": "hunter2-hunter2"}]},
        {"UnheardOf": "hunter2-hunter2"},
        {"SecretId": ["hunter2-hunter2"]},
    ],
)
def test_no_value_is_kept(parameters: dict[str, Any]) -> None:
    """Is nothing of a secret in a record, whichever parameter or answer held it?"""
    trail = Trail()
    trail.add(call("PutSecretValue", parameters=parameters, error="ValidationException"), NOON)
    assert "hunter2" not in json.dumps(asked(trail), default=str)
    assert all(isinstance(value, str) for value in named_things(parameters).values())


def test_session_is_known_by_its_role() -> None:
    """After AssumeRole, do the session's calls carry the role's session, and other keys' calls not?"""
    trail = Trail()
    given = {"Credentials": {"AccessKeyId": "LSIASESSION", "SecretAccessKey": "s"}, "AssumedRoleUser": {"Arn": SESSION}}
    trail.add(call("AssumeRole", service="sts", answer=given), NOON)
    trail.add(call(access_key_id="LSIASESSION"), NOON)
    trail.add(call(access_key_id="LSIAOTHER"), NOON)
    by_key = {e["AccessKeyId"]: json.loads(e["CloudTrailEvent"])["userIdentity"] for e in asked(trail)}
    assert (by_key["LSIASESSION"]["type"], by_key["LSIASESSION"]["arn"]) == ("AssumedRole", SESSION)
    assert by_key["LSIAOTHER"]["type"] == "Root"


def test_refused_call_has_its_code() -> None:
    """Is a refused call in the trail with the error's code?"""
    trail = Trail()
    trail.add(call(error="ResourceNotFoundException"), NOON)
    assert json.loads(asked(trail)[0]["CloudTrailEvent"])["errorCode"] == "ResourceNotFoundException"


def test_accounts_and_regions_are_apart() -> None:
    """Does an account see only its own calls, in the region asked?"""
    trail = Trail()
    trail.add(call(account="999999999999"), NOON)
    trail.add(call(region="eu-west-1"), NOON)
    assert asked(trail) == []


def test_newest_first_in_pages() -> None:
    """Do pages of 50 give every event once, newest first, even when calls are made between two pages?"""
    trail = Trail()
    for number in range(120):
        trail.add(call(parameters={"SecretId": str(number)}), NOON + timedelta(seconds=number))
    first = lookup.look_up(trail.events(ACCOUNT, REGION), {})
    trail.add(call(parameters={"SecretId": "later"}), NOON + timedelta(hours=1))
    second = lookup.look_up(trail.events(ACCOUNT, REGION), {"NextToken": first["NextToken"]})
    names = [
        json.loads(e["CloudTrailEvent"])["requestParameters"]["secretId"] for e in first["Events"] + second["Events"]
    ]
    assert names == [str(number) for number in range(119, 19, -1)]
    assert len(asked(trail)) == 121


def test_looked_up_by_attribute_and_time() -> None:
    """Does one attribute, or a window, give just the events it names?"""
    trail = Trail()
    for second, operation in enumerate(("CreateSecret", "GetSecretValue", "GetSecretValue")):
        trail.add(call(operation), NOON + timedelta(seconds=second))
    assert len(asked(trail, LookupAttributes=attribute("EventName", "GetSecretValue"))) == 2
    assert len(asked(trail, LookupAttributes=attribute("AccessKeyId", ACCOUNT))) == 3
    assert len(asked(trail, LookupAttributes=attribute("ResourceName", SECRET))) == 3
    assert asked(trail, LookupAttributes=attribute("AccessKeyId", "nobody")) == []
    window = asked(trail, StartTime=NOON + timedelta(seconds=1), EndTime=NOON + timedelta(seconds=1))
    assert [e["EventName"] for e in window] == ["GetSecretValue"]


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"LookupAttributes": [*attribute("EventName", "a"), *attribute("EventId", "b")]}, "InvalidLookupAttributes"),
        ({"LookupAttributes": attribute("Colour", "red")}, "InvalidLookupAttributes"),
        ({"MaxResults": 51}, "InvalidMaxResults"),
        ({"MaxResults": 0}, "InvalidMaxResults"),
        ({"NextToken": "nonsense"}, "InvalidNextToken"),
        ({"StartTime": NOON, "EndTime": NOON - timedelta(days=1)}, "InvalidTimeRange"),
    ],
)
def test_wrong_requests_are_refused(request_: dict[str, Any], code: str) -> None:
    """Is a request that CloudTrail refuses refused with its code?"""
    with pytest.raises(lookup.RefusedError) as caught:
        lookup.look_up([], request_)
    assert caught.value.code == f"{code}Exception"


def test_memory_is_bounded() -> None:
    """Does an account keep the newest events and drop the oldest?"""
    trail = Trail()
    for number in range(MAX_EVENTS + 5):
        trail.add(call(parameters={"SecretId": str(number)}), NOON)
    kept = trail.events(ACCOUNT, REGION)
    assert len(kept) == MAX_EVENTS
    assert kept[-1]["CloudTrailEvent"]["requestParameters"] == {"secretId": "5"}
