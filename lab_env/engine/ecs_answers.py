"""Mends two of the engine's ECS answers, so that a service that is right on AWS is right here.

MiniStack answers with an empty ``networkConfiguration`` for a service without one, on which the AWS provider (5.100) ends with
a nil pointer, and leaves out ``availabilityZoneRebalancing``, so that every plan shows an update. AWS leaves the first out and
always gives the second (ECS API Reference, ``Service``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_TARGET = b"AmazonEC2ContainerServiceV20141113."


def concerns(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a request is about ECS services."""
    target = headers.get(b"x-amz-target", b"")
    return target.startswith(_TARGET) and target.endswith((b"Service", b"Services"))


def mended(body: bytes) -> bytes:
    """The answer as AWS would give it; anything that is no such answer is returned as it is."""
    try:
        answer = json.loads(body)
    except ValueError:
        return body
    if not isinstance(answer, dict):
        return body
    services = [answer.get("service"), *(answer.get("services") or ())]
    for service in services:
        if isinstance(service, dict):
            _mend(service)
    return json.dumps(answer).encode()


def _mend(service: dict[str, Any]) -> None:
    for holder in (service, *(service.get("deployments") or ()), *(service.get("taskSets") or ())):
        if isinstance(holder, dict) and not holder.get("networkConfiguration", True):
            del holder["networkConfiguration"]
    service.setdefault("availabilityZoneRebalancing", "DISABLED")
