"""One request against identity policies, a resource's policy and a permissions boundary, and why it came out so.

Source: IAM User Guide, "Policy evaluation logic" (single account, cross-account, permissions boundaries); KMS Developer
Guide, "Key policies" (a key policy must allow, itself or by delegating to the account); STS and IAM guides on trust.
Not read, because a Terraform module of this lesson cannot make them: organisation policies, session policies, endpoint policies,
KMS grants (`Unread`). Whoever knows that there is one says so, and a verdict that could hang on it is undetermined.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from lab_env.iam_policy.conditions import all_hold
from lab_env.iam_policy.document import Element, NamedPolicy, PolicyKind, Statement, UnknownPolicy
from lab_env.iam_policy.patterns import Context, Lookup, Unresolved, action_matches, matches, missing_fields
from lab_env.iam_policy.principals import Naming, Principal, named
from lab_env.iam_policy.truth import FALSE, TRUE, Truth, anyone, every, truth, unknown


@dataclass(frozen=True)
class Request:
    """One call.

    :param action: ``service:Action``.
    :param resource: the ARN that AWS authorises (for KMS the key's, never an alias; for AssumeRole the role's).
    :param context: condition keys and values (a list for a multivalued key, an empty one for a key that is known to be
        missing); the principal's own keys are added.
    :param unknown: beginnings of keys about which the request's builder knew nothing (lower case): tags not asked for.
    """

    action: str
    resource: str
    principal: Principal
    context: Context = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


class Unread(StrEnum):
    """What may stand beside the policies and is not read here: its name in an explanation.

    All but a grant only take away (IAM User Guide, "Policy evaluation logic"); a grant only gives (KMS Developer Guide, "Grants in
    KMS").
    """

    SERVICE_CONTROL = "a service control policy"
    RESOURCE_CONTROL = "a resource control policy"
    SESSION = "a session policy"
    ENDPOINT = "a VPC endpoint policy"
    GRANT = "a KMS grant"


@dataclass(frozen=True)
class Decision:
    """What AWS does with a request.

    ``allowed`` is True only when it is certain. ``undetermined`` means that the decision depends on something this
    evaluator does not know, listed in ``unknown_operators``; it is neither an allow nor a proof of a denial.

    :param statement: the statement that decided, as ``policy X, statement 2 (Sid Read)``; "" when none did.
    """

    allowed: bool
    explicit_deny: bool
    statement: str
    explanation: str
    unknown_operators: tuple[str, ...] = ()

    @property
    def undetermined(self) -> bool:
        return not self.allowed and not self.explicit_deny and bool(self.unknown_operators)

    @property
    def possible(self) -> bool:
        """Whether it is, or could be, allowed: what a check that nobody else gets in must refuse."""
        return self.allowed or self.undetermined


@dataclass(frozen=True)
class _Vote:
    """One statement's say on a request."""

    where: str
    deny: bool
    naming: Naming
    applies: Truth


def evaluate(
    request: Request,
    *,
    identity: Sequence[NamedPolicy] = (),
    resource_policy: NamedPolicy | None = None,
    boundary: NamedPolicy | UnknownPolicy | None = None,
    beside: Sequence[Unread] = (),
) -> Decision:
    """Decide a request as AWS documents it.

    An explicit Deny anywhere wins. In one account an Allow in an identity policy or in the secret's policy is enough;
    the policy of a key and the trust policy of a role must allow in any case, and a statement there that names only the
    account leaves the right to identity policies. Across accounts both sides must allow. A boundary narrows all but
    a resource policy that names the user or session itself; what is left of a right behind one whose text is not known is
    undetermined. A service is judged by the resource policy alone.

    :param beside: what else there is that nobody has read; a right that it may take away, or give, is undetermined.

    >>> from lab_env.iam_policy import Principal, named_policy, reads_secret
    >>> role = Principal.session("arn:aws:iam::123456789012:role/task", "a-task")
    >>> secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:dev-a-AbCdEf"
    >>> may = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": secret}
    >>> policy = named_policy("the role's policy", {"Version": "2012-10-17", "Statement": [may]})
    >>> evaluate(reads_secret(role, secret), identity=[policy]).allowed
    True
    >>> evaluate(reads_secret(role, secret)).allowed
    False
    """
    principal = request.principal
    if request.action.lower() == "sts:getcalleridentity" and principal.kind != "service":
        # https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html: even where a policy denies it.
        return Decision(
            True, False, "", "allowed: sts:GetCallerIdentity needs no permission, and no policy can deny it"
        )
    if principal.kind == "root" and request.action.lower() == "sts:assumerole":
        return Decision(False, False, "", "denied: an account's root user cannot assume a role")
    own = [] if principal.kind in ("service", "root") else [vote for p in identity for vote in _votes(p, request)]
    limit = None if principal.kind in ("service", "root") else boundary
    limits = _votes(limit, request) if isinstance(limit, NamedPolicy) else []
    theirs = [] if resource_policy is None else _votes(resource_policy, request, bounded=limit is not None)

    denials = [vote for vote in (*own, *limits, *theirs) if vote.deny]
    for vote in denials:
        if vote.applies.value:
            return Decision(False, True, vote.where, f"denied: explicit deny in {vote.where}")

    by_identity = TRUE if principal.kind == "root" else _allow(own)
    within = _allow(limits) if isinstance(limit, NamedPolicy) else TRUE
    account = _owner(request)
    same_account = principal.kind != "service" and account in ("", principal.account)
    needs_resource = _needs_resource_policy(request, resource_policy) or not (same_account or principal.service)

    direct = FALSE
    if same_account or principal.service is not None:
        alone = _allow(theirs, Naming.SELF)
        inside = every([_allow(theirs, Naming.ROLE), within])
        starred = every([_allow(theirs, Naming.EVERYBODY), anyone([within, unknown(_STAR_AND_BOUNDARY)])])
        direct = anyone([alone, inside, starred])
    delegated = _allow(theirs, Naming.ACCOUNT) if needs_resource else TRUE
    if resource_policy is None and _needs_resource_policy(request, None):
        delegated = direct = unknown(f"the policy of {request.resource}, which was not given")
    shared = FALSE if principal.service is not None else every([by_identity, within, delegated])
    grant = anyone([direct, shared])

    hidden = [unknown(f"{limit.name}, whose text is not known")] if isinstance(limit, UnknownPolicy) else []
    hidden += [unknown(f"{one}, which is not read") for one in beside if one is not Unread.GRANT]
    if Unread.GRANT in beside and request.action.lower().startswith("kms:"):
        grant = anyone([grant, unknown(f"{Unread.GRANT}, which is not read")])
    doubts = anyone([*(vote.applies for vote in denials), *hidden])
    verdict = every([grant, ~doubts])
    if verdict.value:
        naming = [vote for vote in theirs if vote.naming >= (Naming.ROLE if direct.value else Naming.ACCOUNT)]
        decisive = _first(own) if shared.value and principal.kind != "root" else _first(naming)
        return Decision(
            True, False, decisive, f"allowed by {decisive}" if decisive else "allowed to the account's root"
        )
    if verdict.value is None:
        reasons = verdict.reasons
        return Decision(False, False, "", f"undetermined: it depends on {', '.join(reasons)}", reasons)
    return Decision(
        False, False, "", _why_not(request, resource_policy, by_identity, within, delegated, bool(needs_resource))
    )


def _owner(request: Request) -> str:
    """The account whose the resource is; "" where neither its ARN nor ``aws:ResourceAccount`` tells (S3's ARNs name none)."""
    account = request.resource.split(":")[4] if request.resource.count(":") >= 5 else ""
    if account == "aws":  # an AWS-managed policy, which is in every account
        return ""
    told = {key.lower(): value for key, value in request.context.items()}.get("aws:resourceaccount", "")
    return account or (told if isinstance(told, str) else "")


def _needs_resource_policy(request: Request, resource_policy: NamedPolicy | None) -> bool:
    if resource_policy is not None:
        return resource_policy.kind in (PolicyKind.KMS, PolicyKind.TRUST)
    service, _, action = request.action.lower().partition(":")
    return action.startswith("assumerole") or (service == "kms" and ":key/" in request.resource)


def _allow(votes: Sequence[_Vote], at_least: Naming = Naming.NOT) -> Truth:
    return anyone(vote.applies for vote in votes if not vote.deny and vote.naming >= at_least)


def _first(votes: Sequence[_Vote]) -> str:
    return next((vote.where for vote in votes if not vote.deny and vote.applies.value), "")


def _why_not(
    request: Request,
    resource_policy: NamedPolicy | None,
    by_identity: Truth,
    within: Truth,
    delegated: Truth,
    needs_resource: bool,
) -> str:
    what = f"{request.action} on {request.resource}"
    if within.value is False and by_identity.maybe:
        return f"denied: the permissions boundary does not allow {what}"
    if needs_resource and resource_policy is not None and delegated.value is False:
        if request.principal.service is None and by_identity.value:
            return f"denied: {resource_policy.name} does not allow {what}, so identity policies do not count"
        return f"denied: {resource_policy.name} does not allow {what} to {request.principal.arn}"
    return f"denied: no statement allows {what}"


_STAR_AND_BOUNDARY = 'whether a boundary limits what Principal "*" grants'
"""The guide tells it of ARNs of roles, sessions and users, and of ``*`` with ``aws:PrincipalArn``, but not of ``*`` alone."""


def _votes(policy: NamedPolicy, request: Request, *, bounded: bool = False) -> list[_Vote]:
    context = {key.lower(): value for key, value in request.context.items()}
    known = {**request.principal.context, **context}
    lookup = Lookup(known, policy.document.version, (*request.unknown, *request.principal.unknown))
    return [_vote(policy, statement, request, lookup, bounded=bounded) for statement in policy.document.statements]


def _vote(policy: NamedPolicy, statement: Statement, request: Request, lookup: Lookup, *, bounded: bool) -> _Vote:
    deny = statement.effect == "Deny"
    naming, meant = Naming.NOT, TRUE
    if policy.kind is not PolicyKind.IDENTITY:
        if statement.principal is None:
            meant = FALSE
        else:
            naming, meant = named(statement.principal, request.principal, deny=deny, bounded=bounded)
            if naming is Naming.EVERYBODY and not deny and _pins_by_name(statement):
                # IAM User Guide, "AWS JSON policy elements: Principal": what "*" with aws:PrincipalArn gives, no boundary limits.
                naming = Naming.SELF
    applies = every(
        [
            action_covered(statement.action, request.action),
            meant,
            FALSE
            if policy.about_nothing(statement)
            else resource_covered(statement, request, lookup, complete=policy.kind is PolicyKind.IDENTITY),
        ]
    )
    if applies.maybe:
        applies = every([applies, all_hold(statement.conditions, lookup)])
    if applies.value is None:
        where = policy.where(statement)
        applies = Truth(None, tuple(f"{reason} ({where})" for reason in applies.reasons))
    return _Vote(policy.where(statement), deny, naming, applies)


def _pins_by_name(statement: Statement) -> bool:
    everybody = statement.principal is not None and ("AWS", "*") in statement.principal.entries
    return everybody and any(condition.key.lower() == "aws:principalarn" for condition in statement.conditions)


def action_covered(element: Element, action: str) -> Truth:
    """Whether ``Action`` or ``NotAction`` covers an action."""
    return truth(any(action_matches(value, action) for value in element.values) != element.negated)


def resource_covered(statement: Statement, request: Request, lookup: Lookup, *, complete: bool) -> Truth:
    """Whether ``Resource`` or ``NotResource`` covers the request's resource; a trust policy has neither.

    :param complete: whether AWS fills an incomplete ARN's missing fields; of policies on resources it does not say so.
    """
    element = statement.resource
    if element is None:
        return TRUE
    found = anyone(_fits(value, request.resource, lookup, element.negated, complete) for value in element.values)
    return ~found if element.negated else found


def _fits(value: str, resource: str, lookup: Lookup, negated: bool, complete: bool) -> Truth:
    pattern = lookup.resource(value)
    if not isinstance(pattern, Unresolved):
        found = matches(pattern, resource)
        as_written = (
            lookup.resource(value, complete=False) if found and missing_fields(value) and not complete else pattern
        )
        if isinstance(as_written, Unresolved) or matches(as_written, resource) == found:
            return truth(found)
        return unknown(f"the incomplete ARN {value} in a policy on a resource")
    # A variable without a value matches no resource; what NotResource makes of it AWS does not say.
    return FALSE if pattern.absent and not negated else unknown(f"policy variable {pattern.variable}")
