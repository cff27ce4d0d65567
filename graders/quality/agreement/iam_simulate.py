"""iam-simulate's cases: JSON files of requests, policies and the expected result (github.com/cloud-copilot/iam-simulate, AGPL-3.0).

The suite's context is all that there is, so a key that a policy asks for and the context lacks is known to be missing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from graders.quality.agreement.checkout import Checkout
from graders.quality.agreement.context import closed
from graders.quality.agreement.model import Asked, Case, Document
from lab_env.iam_policy import PolicyKind, Principal, Request, Unread, has_resources

_CORE = "src/core_engine/coreEngineTests"
_WHOLE = "src/simulation_engine/simulationEngineIntegrationTests"
_CONDITIONS = "asks under which conditions it would be allowed"
_PATTERN = "asks which resources of a pattern are allowed"
_UNREAD = {
    "serviceControlPolicies": Unread.SERVICE_CONTROL,
    "resourceControlPolicies": Unread.RESOURCE_CONTROL,
    "sessionPolicy": Unread.SESSION,
    "endpointPolicies": Unread.ENDPOINT,
}


def cases(suite: Checkout) -> Iterator[Case]:
    """All cases, in the order of files."""
    for name, text in suite.files(_CORE, "*.json"):
        for item in json.loads(text):
            yield _case(f"{name}: {item['name']}", item, item["expected"]["response"])
    for name, text in suite.files(_WHOLE, "*.json"):
        for item in json.loads(text):
            yield from _whole(f"{name}: {item['name']}", item)


def _whole(id: str, item: Mapping[str, Any]) -> Iterator[Case]:
    """A case of the whole simulation: the same with other names.

    Where it is a pattern that is asked about, each pattern of the answer is asked with a resource that fits it.
    """
    simulation, expected = item["simulation"], item["expected"]
    if item.get("simulationOptions", {}).get("simulationMode") == "Discovery":
        yield Case(id, expected.get("overallResult") == "Allowed", None, _CONDITIONS)
    elif expected["resultType"] == "single":
        result = expected.get("overallResult") or expected["results"][0]["result"]
        yield _case(id, _written(simulation, simulation["request"]["resource"]["resource"]), result)
    elif not expected["results"]:
        yield Case(id, False, None, _PATTERN)
    else:
        account = simulation["request"]["resource"]["accountId"]
        for one in expected["results"]:
            resource = _fitting(one["resourcePattern"], account)
            yield _case(f"{id}: {one['resourcePattern']}", _written(simulation, resource), one["result"])


def _fitting(pattern: str, account: str) -> str:
    """A resource that fits a pattern, an incomplete one too, in the account."""
    if not pattern.startswith("arn:"):
        return pattern
    fields = (pattern + ":*" * 5).split(":")[:6] if pattern.count(":") < 5 else pattern.split(":", 5)
    typical = ("arn", "aws", fields[2], "us-east-1", account, "x")
    return ":".join(
        usual if field == "*" else field.replace("*", "x") for field, usual in zip(fields, typical, strict=True)
    )


def _written(simulation: Mapping[str, Any], resource: str) -> Mapping[str, Any]:
    """The simulation as the core's cases are written."""
    request = simulation["request"]
    return {
        "request": {
            **request,
            "resource": {**request["resource"], "resource": resource},
            "context": request.get("contextVariables", {}),
        },
        "identityPolicies": _documents(simulation.get("identityPolicies")),
        "resourcePolicy": simulation.get("resourcePolicy"),
        "sessionPolicy": simulation.get("sessionPolicy"),
        "permissionBoundaries": _documents(simulation.get("permissionBoundaryPolicies")),
        "endpointPolicies": _documents(simulation.get("vpcEndpointPolicies")),
        "serviceControlPolicies": simulation.get("serviceControlPolicies"),
        "resourceControlPolicies": simulation.get("resourceControlPolicies"),
    }


def _documents(named: Any) -> list[Document]:
    return [one["policy"] for one in named or ()]


def _case(id: str, item: Mapping[str, Any], result: str) -> Case:
    wants = result == "Allowed"
    request = item["request"]
    if reason := _outside(item, request):
        return Case(id, wants, None, reason)
    principal = _principal(request["principal"])
    action, resource = request["action"], request["resource"]["resource"]
    boundaries = item.get("permissionBoundaries") or ()
    theirs = item.get("resourcePolicy")
    documents = [*item["identityPolicies"], *boundaries, *([theirs] if theirs else ())]
    given = {"aws:ResourceAccount": request["resource"]["accountId"], **request.get("context", {})}
    question = Asked(
        Request(action, resource, principal, closed(given, principal, documents)),
        tuple(item["identityPolicies"]),
        _resource_policy(_kind(action, resource), theirs) if theirs else None,
        boundaries[0] if boundaries else None,
        tuple(unread for name, unread in _UNREAD.items() if item.get(name)),
    )
    return Case(id, wants, question)


def _outside(item: Mapping[str, Any], request: Mapping[str, Any]) -> str:
    if item.get("simulation", {}).get("mode") == "Discovery":
        return _CONDITIONS
    if not isinstance(request["principal"], str):
        return "an unsigned request (neither Secrets Manager nor KMS takes one)"
    resource = request["resource"]["resource"]
    pattern = "*" in resource or "?" in resource
    alone = request.get("wildcardOnlyAction") or not has_resources(request["action"])
    if pattern and not (resource == "*" and alone):
        return _PATTERN
    if len(item.get("permissionBoundaries") or ()) > 1:
        return "several boundaries (IAM attaches one)"
    return ""


def _principal(arn: str) -> Principal:
    if not arn.startswith("arn:"):
        return Principal.of_service(arn)
    _, partition, service, _, account, rest = arn.split(":", 5)
    kind, _, name = rest.partition("/")
    if service == "sts" and kind == "assumed-role":
        role, _, session = name.rpartition("/")
        return Principal.session(f"arn:{partition}:iam::{account}:role/{role}", session)
    if kind == "role":
        return Principal.session(arn)
    return Principal.root(account) if kind == "root" else Principal.user(arn)


def _resource_policy(kind: PolicyKind, document: Document) -> tuple[PolicyKind, Document]:
    """The policy as AWS would have it: no Resource in a trust policy, and no principal's ARN without its type."""
    return kind, {**document, "Statement": [_as_stored(one, kind) for one in document["Statement"]]}


def _as_stored(statement: Document, kind: PolicyKind) -> Document:
    written = {key: one for key, one in statement.items() if kind is not PolicyKind.TRUST or key != "Resource"}
    named = statement.get("Principal")
    return {**written, "Principal": {"AWS": named}} if isinstance(named, str) and named != "*" else written


def _kind(action: str, resource: str) -> PolicyKind:
    if action.lower().startswith("sts:assumerole"):
        return PolicyKind.TRUST
    return PolicyKind.KMS if resource.startswith("arn:aws:kms:") else PolicyKind.SECRET
