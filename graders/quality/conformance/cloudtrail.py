"""CloudTrail: who read the secret, by LookupEvents."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from graders.quality.conformance.behaviour import Behaviour, expect
from graders.quality.conformance.iam import ROLE, allow, role_of
from lab_env.engine.model import Account
from lab_env.engine.probe import assume
from lab_env.engine.sessions import client

_REFERENCE = "CloudTrail API Reference, LookupEvents"
_GUIDE = "CloudTrail User Guide, CloudTrail record contents"


def _events(account: Account, key: str, value: str) -> list[dict[str, Any]]:
    attribute = [{"AttributeKey": key, "AttributeValue": value}]
    found: list[dict[str, Any]] = client(account, "cloudtrail").lookup_events(LookupAttributes=attribute)["Events"]
    return found


def _read(account: Account) -> str:
    """A secret that was read by the account's root; its ARN."""
    manager = client(account, "secretsmanager")
    arn = str(manager.create_secret(Name="lesson", SecretString="value-of-the-secret")["ARN"])
    manager.get_secret_value(SecretId=arn)
    return arn


def _by_name(account: Account) -> None:
    _read(account)
    expect(len(_events(account, "EventName", "GetSecretValue")) == 1, "the read is not found")


def _by_key(account: Account) -> None:
    _read(account)
    names = {event["EventName"] for event in _events(account, "AccessKeyId", account.id)}
    expect({"CreateSecret", "GetSecretValue"} <= names, "the calls are not found")


def _secret_named(account: Account) -> None:
    arn = _read(account)
    (event,) = _events(account, "EventName", "GetSecretValue")
    asked = json.loads(event["CloudTrailEvent"]).get("requestParameters") or {}
    expect(asked.get("secretId") == arn, "the record does not tell which secret")


def _no_value(account: Account) -> None:
    _read(account)
    found = json.dumps(_events(account, "AccessKeyId", account.id), default=str)
    expect("value-of-the-secret" not in found, "a record holds the secret's value")


def _session(account: Account) -> None:
    role = role_of(account, allow("secretsmanager:GetSecretValue", "*"))
    arn = client(account, "secretsmanager").create_secret(Name="lesson", SecretString="1")["ARN"]
    keys = assume(account, role, "a-task")
    client(account, "secretsmanager", credentials=keys).get_secret_value(SecretId=arn)
    (event,) = _events(account, "EventName", "GetSecretValue")
    who = json.loads(event["CloudTrailEvent"])["userIdentity"]
    expect(who.get("accessKeyId") == keys.access_key_id, "the record does not tell the session's key")
    told = (who.get("type"), str(who.get("arn", "")).rsplit(":", 1)[-1])
    expect(told == ("AssumedRole", f"assumed-role/{ROLE}/a-task"), f"the caller is of type {who.get('type')}")


def _refused(account: Account) -> None:
    manager = client(account, "secretsmanager")
    with contextlib.suppress(manager.exceptions.ResourceNotFoundException):
        manager.get_secret_value(SecretId="nobody")
    found = [json.loads(event["CloudTrailEvent"]) for event in _events(account, "EventName", "GetSecretValue")]
    expect([one.get("errorCode") for one in found] == ["ResourceNotFoundException"], "a refused call is not in it")


def _pages(account: Account) -> None:
    kms = client(account, "kms")
    for _ in range(55):
        kms.list_keys()
    trail = client(account, "cloudtrail")
    attribute = [{"AttributeKey": "EventName", "AttributeValue": "ListKeys"}]
    count = sum(
        len(page["Events"]) for page in trail.get_paginator("lookup_events").paginate(LookupAttributes=attribute)
    )
    expect(count == 55, f"of 55 calls {count} are found")


CLOUDTRAIL = (
    Behaviour("trail.by_name", "A call is found by its name.", _REFERENCE, _by_name),
    Behaviour("trail.by_key", "Calls are found by the access key that signed them.", _REFERENCE, _by_key),
    Behaviour("trail.secret", "The record of a read tells which secret.", _GUIDE, _secret_named),
    Behaviour("trail.no_value", "No record holds a secret's value.",
              "Secrets Manager User Guide, Log events with CloudTrail", _no_value),
    Behaviour("trail.session", "A call of an assumed role tells the session's key, role and name.", _GUIDE, _session),
    Behaviour("trail.refused", "A refused call is in the trail, with the error's code.", _GUIDE, _refused),
    Behaviour("trail.pages", "More than 50 events come in pages.", _REFERENCE, _pages),
)  # fmt: skip
