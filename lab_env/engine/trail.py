"""Reads the engine's audit trail."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lab_env.engine import sessions
from lab_env.engine.model import Account


@dataclass(frozen=True)
class TrailEvent:
    """One call as CloudTrail has it.

    :param time: aware, UTC.
    :param name: the API's, such as ``GetSecretValue``.
    :param source: such as ``secretsmanager.amazonaws.com``.
    :param access_key_id: whose key signed it; for an assumed role the session's.
    :param parameters: ``requestParameters``; CloudTrail and the engine leave secret values out.
    :param user_arn: ``userIdentity.arn``; in CloudTrail an assumed role's names role and session.
    :param user_agent: the program that called, as it calls itself.
    """

    time: datetime
    name: str
    source: str
    access_key_id: str
    resources: tuple[str, ...]
    parameters: dict[str, Any]
    user_arn: str = ""
    user_agent: str = ""


def lookup_trail(
    account: Account,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    access_key_id: str | None = None,
    name: str | None = None,
) -> tuple[TrailEvent, ...]:
    """The successful calls in the account, oldest first.

    Joined on the access key: the embedded engine names an assumed role's calls as a user's. Calls that were refused are left
    out; the embedded engine's trail has none. It answers with the newest 50 and no second page, so ask for one name, or a
    narrow window.

    :param start, end: aware; only calls between them. Both are left out where a clock must not decide: the engine's and ours
        need not agree, and one of them may be set back meanwhile.
    :param access_key_id: only calls signed with it.
    :param name: only calls of that API, such as ``GetSecretValue``.
    """
    # LookupEvents takes one attribute only (AWS CloudTrail API Reference); the other one is filtered here.
    attributes = []
    if name is not None:
        attributes = [{"AttributeKey": "EventName", "AttributeValue": name}]
    elif access_key_id is not None:
        attributes = [{"AttributeKey": "AccessKeyId", "AttributeValue": access_key_id}]
    pages = sessions.client(account, "cloudtrail").get_paginator("lookup_events")
    found = []
    window = {which: moment for which, moment in (("StartTime", start), ("EndTime", end)) if moment}
    for page in pages.paginate(LookupAttributes=attributes, **window):
        for event in page["Events"]:
            key = event.get("AccessKeyId", "")
            record = json.loads(event.get("CloudTrailEvent") or "{}")
            if access_key_id in (None, key) and name in (None, event["EventName"]) and "errorCode" not in record:
                found.append(_event(event, record, key))
    return tuple(sorted(found, key=lambda event: event.time))


def _event(event: dict[str, Any], record: dict[str, Any], access_key_id: str) -> TrailEvent:
    return TrailEvent(
        time=event["EventTime"],
        name=event["EventName"],
        source=event.get("EventSource", ""),
        access_key_id=access_key_id,
        resources=tuple(resource.get("ResourceName", "") for resource in event.get("Resources", ())),
        parameters=record.get("requestParameters") or {},
        user_arn=str((record.get("userIdentity") or {}).get("arn") or ""),
        user_agent=str(record.get("userAgent") or ""),
    )
