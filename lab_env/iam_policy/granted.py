"""Who is named by a policy on a resource: the first half of the question whether anybody else gets in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lab_env.iam_policy.document import NamedPolicy
from lab_env.iam_policy.patterns import action_matches


@dataclass(frozen=True)
class Grantee:
    """Somebody whom a resource's policy lets in.

    :param kind: ``AWS``, ``Service``, ``Federated``; ``NotPrincipal`` for everybody but those listed.
    :param value: as written.
    :param conditional: whether the statement has conditions.
    """

    kind: str
    value: str
    where: str
    actions: tuple[str, ...]
    conditional: bool


def grantees(policy: NamedPolicy, actions: Iterable[str] = ()) -> tuple[Grantee, ...]:
    """Everybody named by an Allow of a key, secret or trust policy that covers any of ``actions`` (all, when empty).

    Deny statements are not taken into account: ask `evaluate` with that principal.
    """
    asked = tuple(actions)
    found: list[Grantee] = []
    for statement in policy.document.statements:
        if statement.effect != "Allow" or statement.principal is None or policy.about_nothing(statement):
            continue
        element = statement.action
        covered = tuple(
            action for action in asked if any(action_matches(v, action) for v in element.values) != element.negated
        )
        if asked and not covered:
            continue
        named_as = covered or (("*",) if element.negated else element.values)
        where, conditional = policy.where(statement), bool(statement.conditions)
        if statement.principal.negated:
            found.append(Grantee("NotPrincipal", "*", where, named_as, conditional))
            continue
        found += [Grantee(kind, value, where, named_as, conditional) for kind, value in statement.principal.entries]
    return tuple(found)
