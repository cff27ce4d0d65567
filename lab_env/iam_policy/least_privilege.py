"""What a set of policies grants beyond an allowance: the question of least privilege, answered for every resource.

Conditions do not narrow a grant here, because most can be met by somebody (a tag can be set), and a Deny counts only
when it has none: the answer errs towards refusing. A grant that no request meets (``kms:Decrypt`` on an alias, the ARN
of a secret without its six random characters) is void, not excess.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lab_env.iam_policy.actions import covers, named_actions, resource_domain
from lab_env.iam_policy.document import NamedPolicy, Statement
from lab_env.iam_policy.languages import UndecidedError, witness
from lab_env.iam_policy.managed import managed_policy
from lab_env.iam_policy.patterns import Lookup, Pattern, Unresolved, arn, real_arns
from lab_env.iam_policy.principals import Naming, Principal, named


@dataclass(frozen=True)
class Allowance:
    """What is fine: these actions on these resource patterns."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]


@dataclass(frozen=True)
class AttachedPolicy:
    """A resource's policy together with the resource it stands on."""

    policy: NamedPolicy
    resource: str


@dataclass(frozen=True)
class Excess:
    """A grant beyond the allowance.

    :param action: the first of the statement's own values that goes too far, such as ``secretsmanager:*``.
    :param actions: the single actions concerned, sorted.
    :param resource_patterns: the statement's own resources, ``NotResource`` values with "not " before them.
    :param where: ``policy X, statement 2 (Sid Read)``.
    """

    action: str
    actions: tuple[str, ...]
    resource_patterns: tuple[str, ...]
    where: str


@dataclass(frozen=True)
class _Grant:
    """An Allow or Deny reduced to actions and a region of resources: ``inside`` or everything but ``outside``."""

    where: str
    written: tuple[str, ...]
    actions: frozenset[str]
    resources: tuple[str, ...]
    patterns: tuple[Pattern, ...]
    negated: bool = False
    excluded_actions: tuple[str, ...] = field(default=())

    def takes(self, action: str) -> bool:
        if self.excluded_actions:
            return not covers(self.excluded_actions, action)
        return covers(self.written, action)


def execution_role_allowance(
    secret_arn: str, key_arn: str, *, creates_log_groups: bool = False
) -> tuple[Allowance, ...]:
    """What an ECS execution role of this lesson needs: the secret, its key, ECR pull and log writing.

    The secret's ARN may be written with ``-??????`` for the six random characters, as the Secrets Manager User Guide
    advises; a ``*`` there would reach secrets whose names only begin alike. ECR and logs are those of AWS's own
    AmazonECSTaskExecutionRolePolicy and AmazonEC2ContainerRegistryPullOnly.

    :param creates_log_groups: the task's log driver is told to (``awslogs-create-group``).
    """
    needed = (
        managed_policy("arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"),
        managed_policy("arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly"),
    )
    pull_and_logs = tuple(v for document in needed if document for s in document.statements for v in s.action.values)
    if creates_log_groups:
        pull_and_logs += ("logs:CreateLogGroup",)
    return (
        Allowance(("secretsmanager:GetSecretValue",), (secret_arn, f"{secret_arn[:-7]}-??????")),
        Allowance(("kms:Decrypt",), (key_arn,)),
        Allowance(pull_and_logs, ("*",)),
    )


def excess(
    policies: Sequence[NamedPolicy],
    allowance: Sequence[Allowance],
    *,
    attached: Sequence[AttachedPolicy] = (),
    principal: Principal | None = None,
    boundary: NamedPolicy | None = None,
) -> tuple[Excess, ...]:
    """Every grant of the policies that goes beyond the allowance.

    :param policies: identity policies of one principal.
    :param attached: policies on resources that may name the principal directly (not through its account or ``*``: what
        everybody is given is no excess of one's own).
    :param boundary: narrows what the identity policies grant.
    :param principal: whose policies they are; needed for ``attached``, and for variables such as
        ``${aws:PrincipalAccount}``.
    """
    allows = [grant for policy in policies for grant in _grants(policy, "Allow", principal)]
    own = len(allows)
    limits = None if boundary is None else _grants(boundary, "Allow", principal)
    denies = [
        grant
        for policy in (*policies, *((boundary,) if boundary else ()))
        for grant in _grants(policy, "Deny", principal)
    ]
    if principal is not None:
        for item in attached:
            allows += _attached(item, principal, "Allow")
            denies += _attached(item, principal, "Deny")
    fine = [(entry, tuple(arn(resource) for resource in entry.resources)) for entry in allowance]
    found: list[Excess] = []
    for number, grant in enumerate(allows):
        narrowed = limits if number < own else None
        groups: dict[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[str, ...]], list[str]] = {}
        for action in grant.actions:
            taken = tuple(index for index, deny in enumerate(denies) if deny.takes(action))
            given = tuple(index for index, (entry, _) in enumerate(fine) if covers(entry.actions, action))
            within = tuple(index for index, limit in enumerate(narrowed or ()) if limit.takes(action))
            groups.setdefault((taken, given, within, resource_domain(action)), []).append(action)
        beyond: list[str] = []
        for (taken, given, within, domain), actions in groups.items():
            allowed = [pattern for index in given for pattern in fine[index][1]]
            inside = None if narrowed is None else [narrowed[index] for index in within]
            if _beyond(grant, [denies[index] for index in taken], inside, allowed, domain):
                beyond += actions
        if beyond:
            found.append(_excess(grant, tuple(sorted(beyond))))
    return tuple(found)


def _excess(grant: _Grant, actions: tuple[str, ...]) -> Excess:
    covering = [value for value in grant.written if any(covers((value,), action) for action in actions)]
    action = covering[0] if covering else f"everything but {', '.join(grant.excluded_actions)}"
    resources = tuple(f"not {item}" for item in grant.resources) if grant.negated else grant.resources
    return Excess(action, actions, resources, grant.where)


def _beyond(
    grant: _Grant,
    denies: Sequence[_Grant],
    inside: Sequence[_Grant] | None,
    fine: Sequence[Pattern],
    domain: Sequence[str],
) -> bool:
    """Whether the grant reaches a resource of the domain that no Deny takes away and no allowance covers.

    :param inside: what a boundary allows of the action; None without a boundary.
    """
    if not grant.negated and set(grant.patterns) <= set(fine):
        return False
    regions = [grant, *denies, *(inside or ())]
    first_limit = 1 + len(denies)
    possible = [("*",) if value == "*" else real_arns(value) for value in domain]
    patterns = [pattern for region in regions for pattern in region.patterns] + list(fine) + possible
    last = len(patterns) - len(possible)
    borders = [0]
    for region in regions:
        borders.append(borders[-1] + len(region.patterns))

    def wanted(matched: Sequence[bool]) -> bool:
        reached = [
            any(matched[start:end]) != region.negated
            for region, start, end in zip(regions, borders, borders[1:], strict=False)
        ]
        real = any(matched[last:]) or not possible
        bounded = inside is None or any(reached[first_limit:])
        taken_away = any(reached[1:first_limit]) or any(matched[borders[-1] : last])
        return reached[0] and real and bounded and not taken_away

    try:
        return witness(patterns, wanted) is not None
    except UndecidedError:
        return True


def _grants(policy: NamedPolicy, effect: str, principal: Principal | None) -> list[_Grant]:
    return [
        grant
        for statement in policy.document.statements
        if statement.effect == effect and (effect == "Allow" or not statement.conditions)
        for grant in _grant(policy, statement, principal)
    ]


def _attached(item: AttachedPolicy, principal: Principal, effect: str) -> list[_Grant]:
    found: list[_Grant] = []
    for statement in item.policy.document.statements:
        if statement.effect != effect or statement.principal is None or (effect == "Deny" and statement.conditions):
            continue
        naming, applies = named(statement.principal, principal, deny=effect == "Deny")
        by_name = effect == "Deny" or (
            not statement.principal.negated and ("AWS", "*") not in statement.principal.entries
        )
        if not by_name:
            continue
        meant = applies.value is True and naming > Naming.NOT if effect == "Deny" else applies.maybe
        if meant and (effect == "Deny" or naming > Naming.ACCOUNT):
            found += _grant(item.policy, statement, principal, item.resource)
    return found


def _grant(
    policy: NamedPolicy, statement: Statement, principal: Principal | None, resource: str | None = None
) -> Iterable[_Grant]:
    """The statement's region; on a resource's own policy it is that resource, whatever ``Resource`` says."""
    if policy.about_nothing(statement):
        return
    allow = statement.effect == "Allow"
    element = statement.resource
    written: tuple[str, ...]
    if resource is not None:
        written = (resource,)
        negated = False
        if element is not None and element.values != ("*",) and not allow:
            return  # A Deny on a part of the resource narrows nothing that we count on.
    elif element is None:
        return
    else:
        written, negated = element.values, element.negated
    known = {} if principal is None else principal.context
    lookup = Lookup(known, policy.document.version, () if principal is None else principal.unknown)
    patterns: list[Pattern] = []
    for value in written:
        pattern = arn(value) if resource is not None else lookup.resource(value)
        if isinstance(pattern, Unresolved):
            if allow != negated:
                pattern = arn("*")  # A variable may become anything: the widest reading of an Allow …
            else:
                continue  # … and the narrowest of what takes away.
        patterns.append(pattern)
    action = statement.action
    yield _Grant(
        policy.where(statement),
        () if action.negated else action.values,
        named_actions(action) if allow else frozenset(),
        written,
        tuple(patterns),
        negated,
        action.values if action.negated else (),
    )
