"""The audit trail: who called which API and when, kept in memory, newest last.

A record has CloudTrail's names (CloudTrail User Guide, "CloudTrail record contents"). What a call was about is kept only where
a parameter names a thing (an id, an ARN, a name): an allow-list, so that no secret's value, ciphertext or policy can get in.
"""

from __future__ import annotations

import threading
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

MAX_EVENTS = 2000
"""Events an account keeps in a region: a grading makes some 300, and its account is not used again."""
MAX_ACCOUNTS = 2000
"""When there are more, the one that was heard of first is forgotten."""
_NAMING = frozenset(
    {
        "aliasname", "cluster", "clustername", "family", "groupname", "grantid", "instanceprofilename", "keyid", "kmskeyid",
        "loggroupname", "loggroupnameprefix", "movetoversionid", "name", "policyarn", "policyname", "removefromversionid",
        "repositoryname", "resourcearn", "resourceid", "rolearn", "rolename", "rolesessionname", "secretid", "service",
        "servicename", "status", "targetkeyid", "taskdefinition", "username", "versionid", "versionstage",
    }
)  # fmt: skip
_MAX_TEXT = 2048


@dataclass(frozen=True)
class Call:
    """One API call as the gateway saw it.

    :param service: as in an endpoint's name, such as ``secretsmanager``.
    :param parameters: the whole request; see :func:`named_things` for what is kept of it.
    :param answer: the whole answer; only the thing's ARN is kept of it.
    :param error: the error's code, when it was refused; not its message, which may quote what was sent.
    """

    account: str
    region: str
    service: str
    operation: str
    access_key_id: str
    parameters: Mapping[str, Any]
    answer: Mapping[str, Any]
    user_agent: str = ""
    source_ip: str = ""
    request_id: str = ""
    read_only: bool = False
    error: str | None = None


class Trail:
    """All records, by account and region. Many threads write and read it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: dict[tuple[str, str], deque[dict[str, Any]]] = {}
        self._sessions: dict[str, str] = {}

    def add(self, call: Call, now: datetime | None = None) -> None:
        """Write a call down."""
        with self._lock:
            record = _record(call, self._sessions.get(call.access_key_id), now or datetime.now(UTC))
            place = (call.account, call.region)
            if place not in self._events and len(self._events) >= MAX_ACCOUNTS:
                del self._events[next(iter(self._events))]
            self._events.setdefault(place, deque(maxlen=MAX_EVENTS)).append(record)
            if call.operation == "AssumeRole" and call.error is None:
                self._remember(call.answer)

    def events(self, account: str, region: str) -> list[dict[str, Any]]:
        """The records of an account in a region, newest first, as ``LookupEvents`` gives them."""
        with self._lock:
            return list(reversed(self._events.get((account, region), ())))

    def _remember(self, answer: Mapping[str, Any]) -> None:
        """Whose the key is that AssumeRole gave out."""
        key = (answer.get("Credentials") or {}).get("AccessKeyId")
        arn = (answer.get("AssumedRoleUser") or {}).get("Arn")
        if key and arn:
            if len(self._sessions) >= MAX_ACCOUNTS:
                del self._sessions[next(iter(self._sessions))]
            self._sessions[str(key)] = str(arn)


def named_things(parameters: Mapping[str, Any]) -> dict[str, str]:
    """The parameters that name things, with CloudTrail's spelling (the first letter is small)."""
    return {
        name[:1].lower() + name[1:]: value[:_MAX_TEXT]
        for name, value in parameters.items()
        if name.lower() in _NAMING and isinstance(value, str)
    }


def _record(call: Call, session: str | None, now: datetime) -> dict[str, Any]:
    things = named_things(call.parameters)
    event_id = str(uuid.uuid4())
    # CloudTrail stamps whole seconds.
    time = now.replace(microsecond=0)
    identity: dict[str, Any] = {"accountId": call.account, "accessKeyId": call.access_key_id}
    if session is not None:
        identity |= {"type": "AssumedRole", "arn": session}
    else:
        identity |= {"type": "Root", "arn": f"arn:aws:iam::{call.account}:root", "principalId": call.account}
    document: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": identity,
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{call.service}.amazonaws.com",
        "eventName": call.operation,
        "awsRegion": call.region,
        "sourceIPAddress": call.source_ip,
        "userAgent": call.user_agent,
        "requestParameters": things or None,
        "responseElements": None,
        "requestID": call.request_id,
        "eventID": event_id,
        "readOnly": call.read_only,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": call.account,
        "eventCategory": "Management",
    }
    if call.error is not None:
        document["errorCode"] = call.error
    return {
        "EventId": event_id,
        "EventName": call.operation,
        "ReadOnly": str(call.read_only).lower(),
        "AccessKeyId": call.access_key_id,
        "EventTime": time,
        "EventSource": document["eventSource"],
        "Username": session.rsplit("/", 1)[-1] if session else "root",
        "Resources": _resources(call, things),
        "CloudTrailEvent": document,
    }


def _resources(call: Call, things: Mapping[str, str]) -> list[dict[str, str]]:
    """The secret a call was about, by ARN where the answer tells it."""
    if call.service != "secretsmanager":
        return []
    name = call.answer.get("ARN") or things.get("secretId")
    return [{"ResourceType": "AWS::SecretsManager::Secret", "ResourceName": name}] if isinstance(name, str) else []


TRAIL = Trail()
"""The process's one trail: the gateway's handler writes it, the CloudTrail service reads it."""
