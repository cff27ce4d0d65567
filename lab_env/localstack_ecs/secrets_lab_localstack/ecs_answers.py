"""Mends moto's ECS answers where AWS answers otherwise (Amazon ECS API Reference), for what the lesson uses.

* ``DescribeTaskDefinition`` of a family without a revision is its latest *active* revision; moto takes the latest of all.
* ``ListTaskDefinitions`` is ordered by family and revision, either way, and comes in pages; moto gives all as registered.
* A service without a network configuration has none (moto: an empty one, on which the AWS provider 5.100 ends with a nil
  pointer), and always tells its ``availabilityZoneRebalancing``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PAGE = 100


class RefusedError(Exception):
    """A request that ECS refuses, with its code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def with_revision(asked: str, revisions: Mapping[int, str]) -> str:
    """The task definition that a request means, with its revision where the request leaves that to ECS.

    :param asked: ``FAMILY``, ``FAMILY:REVISION`` or an ARN.
    :param revisions: the family's revisions and their status.
    :raises RefusedError: the family has no active revision.
    """
    name = asked.rsplit("/", 1)[-1]
    if ":" in name:
        return asked
    active = [revision for revision, status in revisions.items() if status == "ACTIVE"]
    if not active:
        raise RefusedError("ClientException", "Unable to describe task definition.")
    return f"{name}:{max(active)}"


def with_memory(request: Mapping[str, Any]) -> dict[str, Any]:
    """A request to register a task definition in which every container has memory, without which moto takes none."""
    containers = [{"memory": 512, **container} for container in request.get("containerDefinitions") or ()]
    return {**request, "containerDefinitions": containers}


def mended(operation: str, request: Mapping[str, Any], answer: Any) -> Any:
    """The answer as AWS would give it.

    :raises RefusedError: a page that is none was asked for.
    """
    if not isinstance(answer, dict):
        return answer
    if operation == "ListTaskDefinitions":
        return _page(request, answer)
    for service in [answer.get("service"), *(answer.get("services") or ())]:
        if isinstance(service, dict):
            _mend_service(service)
    return answer


def _page(request: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    arns = sorted(answer.get("taskDefinitionArns") or (), key=_place, reverse=request.get("sort") == "DESC")
    token, size = str(request.get("nextToken") or "0"), int(request.get("maxResults") or PAGE)
    if not token.isdecimal() or int(token) > len(arns) or not 1 <= size <= PAGE:
        raise RefusedError(
            "InvalidParameterException", f"maxResults is 1 to {PAGE}, and nextToken an earlier answer's."
        )
    first = int(token)
    page: dict[str, Any] = {"taskDefinitionArns": arns[first : first + size]}
    if first + size < len(arns):
        page["nextToken"] = str(first + size)
    return page


def _place(arn: str) -> tuple[str, int]:
    family, _, revision = arn.rsplit("/", 1)[-1].rpartition(":")
    return family, int(revision)


def _mend_service(service: dict[str, Any]) -> None:
    for holder in (service, *(service.get("deployments") or ()), *(service.get("taskSets") or ())):
        if isinstance(holder, dict) and not holder.get("networkConfiguration", True):
            del holder["networkConfiguration"]
    service.setdefault("availabilityZoneRebalancing", "DISABLED")
