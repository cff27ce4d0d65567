"""``LookupEvents``: which records a request asks for (CloudTrail API Reference), in pages of 50 at most."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

PAGE = 50
_FIELDS = {
    "EventId": "EventId",
    "EventName": "EventName",
    "ReadOnly": "ReadOnly",
    "Username": "Username",
    "EventSource": "EventSource",
    "AccessKeyId": "AccessKeyId",
}


class RefusedError(Exception):
    """A request that CloudTrail refuses, with its code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def look_up(events: Sequence[Mapping[str, Any]], request: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a request.

    :param events: all records of the account in the region, newest first.
    :raises RefusedError: more than one attribute, an unknown one, a wrong page size or token, or a time range backwards.
    """
    attribute = _attribute(request)
    start, end = request.get("StartTime"), request.get("EndTime")
    if start and end and start > end:
        raise RefusedError("InvalidTimeRangeException", "The start time is after the end time.")
    size = request.get("MaxResults", PAGE)
    if not 1 <= size <= PAGE:
        raise RefusedError("InvalidMaxResultsException", f"MaxResults is {size}; it is 1 to {PAGE}.")
    wanted = [event for event in events if _matches(event, attribute) and _within(event["EventTime"], start, end)]
    first = _first(wanted, request.get("NextToken"))
    page, rest = wanted[first : first + size], wanted[first + size :]
    answer: dict[str, Any] = {"Events": [_written(event) for event in page]}
    if rest:
        answer["NextToken"] = str(rest[0]["EventId"])
    return answer


def _attribute(request: Mapping[str, Any]) -> tuple[str, str] | None:
    attributes = request.get("LookupAttributes") or []
    if not attributes:
        return None
    key, value = attributes[0].get("AttributeKey"), attributes[0].get("AttributeValue")
    if len(attributes) > 1 or key not in (*_FIELDS, "ResourceName", "ResourceType"):
        raise RefusedError(
            "InvalidLookupAttributesException", "One attribute can be looked up, by a name CloudTrail knows."
        )
    return str(key), str(value)


def _matches(event: Mapping[str, Any], attribute: tuple[str, str] | None) -> bool:
    if attribute is None:
        return True
    key, value = attribute
    if key in _FIELDS:
        return bool(event[_FIELDS[key]] == value)
    return any(resource[key] == value for resource in event["Resources"])


def _within(time: datetime, start: datetime | None, end: datetime | None) -> bool:
    return (start is None or time >= start.replace(microsecond=0)) and (end is None or time <= end)


def _first(events: Sequence[Mapping[str, Any]], token: str | None) -> int:
    """A token is the id of the page's first event: calls made meanwhile move nothing."""
    if not token:
        return 0
    for number, event in enumerate(events):
        if event["EventId"] == token:
            return number
    raise RefusedError("InvalidNextTokenException", "The token is of no page of this request.")


def _written(event: Mapping[str, Any]) -> dict[str, Any]:
    return {**event, "CloudTrailEvent": json.dumps(event["CloudTrailEvent"], sort_keys=True)}
