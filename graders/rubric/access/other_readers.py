"""Who, besides the execution role, can read the secret or use its key: asked for everybody the module makes or names.

A right to hand the right out counts like the right itself. Whoever a policy means by a pattern or by ``*`` is asked for with a name
that fits and is not the execution role's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graders.evidence.deployed import DeployedFacts, KeyFacts, RoleFacts, SecretFacts
from graders.rubric.access.permissions import (
    KEY_ADMINISTRATION,
    KEY_HANDED_OUT,
    POLICY_REWRITTEN,
    READ,
    ROLE_HANDED_OUT,
    ROLE_TAKEN_OVER,
    SECRET_HANDED_OUT,
    identity_of,
    key_policy,
    key_uses,
    may_read,
    may_use_key,
    others,
    refused_policy,
    secret_policy,
)
from lab_env.hcl.addresses import type_of
from lab_env.iam_policy import (
    Identity,
    NamedPolicy,
    PolicyKind,
    PolicySyntaxError,
    Principal,
    assumes_role,
    evaluate,
    grantees,
    named_managed_policy,
    named_policy,
    writes_role,
)

_LETTING_IN = frozenset(
    {
        "aws_kms_key",
        "aws_kms_key_policy",
        "aws_secretsmanager_secret",
        "aws_secretsmanager_secret_policy",
        "aws_iam_role",
    }
)
"""Resources whose policy says who gets in."""
_NOBODY = Identity(policies=(), unknown=())
_STRANGER = "role/stranger"
_ELSEWHERE = "999999999999"


@dataclass(frozen=True)
class Problem:
    """:param attribute: the argument of the resource at ``address`` that lets them in; "policy" also stands for a resource of its
        own (``aws_kms_key_policy``).
    :param refused: the policy is one that AWS does not take.
    """

    text: str
    address: str
    attribute: str | None
    refused: bool = False


@dataclass(frozen=True)
class OtherReaders:
    problems: tuple[Problem, ...]
    checked: tuple[str, ...]


@dataclass(frozen=True)
class _Access:
    """What the question is about."""

    facts: DeployedFacts
    secret: SecretFacts
    key: KeyFacts | None
    execution_role: RoleFacts | None


def other_readers(
    facts: DeployedFacts, secret: SecretFacts, key: KeyFacts | None, execution_role: RoleFacts | None
) -> OtherReaders:
    """Ask the evaluator for every other role of the module, for everybody named in the two resource policies, and for
    strangers; a decision that cannot be made counts against the module."""
    asked = _Access(facts, secret, key, execution_role)
    problems: list[Problem] = [*_refused(asked), *_shared_role(asked)]
    checked: list[str] = []
    for role in others(facts, execution_role):
        identity = identity_of(role)
        if identity.unknown:
            text = f"role {role.name} has a policy whose text is not known ({', '.join(identity.unknown)})"
            problems.append(Problem(text, role.address, None))
        problems += [
            Problem(f"AWS refuses {sentence}", role.address, None, refused=True) for sentence in identity.refused
        ]
        who = Principal.session(role.arn, tags=role.tags)
        found = [what for what, _ in _rights(who, identity, asked)] + [*_rights_to_roles(role, who, identity, asked)]
        problems += [Problem(f"role {role.name} may {what}", role.address, None) for what in found]
        checked.append(f"role {role.name}")
    own = {facts.root_arn, facts.account, *((execution_role.arn,) if execution_role else ())}
    for named, name, policy_of in _named(asked):
        if name in own or any(name == role.arn for role in facts.roles):
            continue
        if named is None:
            problems.append(
                Problem(
                    f"{name} may be let in: the policy names those who are not, or a federation", policy_of, "policy"
                )
            )
        else:
            problems += [
                Problem(f"{name} may {what}", at, "policy") for what, at in _rights(named, _theirs(named, asked), asked)
            ]
        checked.append(name)
    for stranger, name in _strangers(asked):
        if not any(p.text.startswith("* may") for p in problems):
            found_ = _rights(stranger, _theirs(stranger, asked), asked)
            problems += [Problem(f"{name} may {what}", at, "policy") for what, at in found_]
        checked.append(name)
    if key is not None:
        root = Principal.root(facts.account)
        locked = [a for a in KEY_ADMINISTRATION if not may_use_key(a, root, key, None, _NOBODY)[0].allowed]
        if locked:
            text = f"the account's root is no administrator of the key any more ({', '.join(locked)} is refused)"
            problems.append(Problem(text, key.address, "policy"))
        checked.append("the account's root stays administrator of the key")
    return OtherReaders(tuple(dict.fromkeys(problems)), tuple(dict.fromkeys(checked)))


def _refused(asked: _Access) -> Iterator[Problem]:
    """A policy that AWS does not take leaves open who was meant to get in."""
    for of in (asked.key, asked.secret):
        sentence = refused_policy(of) if of is not None else None
        if of is not None and sentence is not None:
            yield Problem(f"AWS refuses {sentence}", of.address, "policy", refused=True)
            return
    # What others' names say is known to the account alone, so this is what the apply was told.
    own = asked.execution_role.address if asked.execution_role is not None else None
    for error in asked.facts.errors:
        of_type = type_of(error.address) if error.address and error.address != own else ""
        if error.refused and of_type in _LETTING_IN and "MalformedPolicyDocument" in error.summary:
            yield Problem(f"AWS refuses a policy: {error.summary}", str(error.address), "policy", refused=True)


def _shared_role(asked: _Access) -> Iterator[Problem]:
    """The program in the container gets the task role's rights, so one role for both lets it read the secret itself."""
    role = asked.execution_role
    for task in asked.facts.tasks:
        if role is not None and task.task_role_arn == role.arn:
            what = [text for text, _ in _rights(Principal.session(role.arn, tags=role.tags), identity_of(role), asked)]
            if what:
                text = (
                    f"the execution role {role.name} is the task role too: the program in the container may {what[0]}"
                )
                yield Problem(text, task.address, "task_role_arn")


def _theirs(who: Principal, asked: _Access) -> Identity:
    """Another account's policies are not ours to see: across accounts both sides must allow, so the worst is taken."""
    if who.account in ("", asked.facts.account):
        return _NOBODY
    policy = named_managed_policy("arn:aws:iam::aws:policy/AdministratorAccess")
    return Identity(policies=(policy,) if policy else (), unknown=() if policy else ("AdministratorAccess",))


def _rights(who: Principal, identity: Identity, asked: _Access) -> Iterator[tuple[str, str]]:
    """What a principal may do with the secret and its key, and the address of that of them which it is about."""
    secret, key = asked.secret, asked.key
    if may_read(who, secret, identity, version_stage="*").possible:
        yield f"read the secret ({READ})", secret.address
    given = [a for a in SECRET_HANDED_OUT if may_read(who, secret, identity, action=a).possible]
    if given:
        yield f"hand the secret out ({', '.join(given)})", secret.address
    if key is None:
        return

    def may(actions: Sequence[str]) -> list[str]:
        return [a for a in actions if any(d.possible for d in may_use_key(a, who, key, secret.arn, identity))]

    if uses := may(key_uses()):
        yield f"use the secret's key ({', '.join(uses)})", key.address
    if given := may(KEY_HANDED_OUT):
        yield f"hand the use of the secret's key out ({', '.join(given)})", key.address


def _rights_to_roles(role: RoleFacts, who: Principal, identity: Identity, asked: _Access) -> Iterator[str]:
    """Whether a role may become the execution role, or write itself or that role a right."""
    region, target = asked.facts.region, asked.execution_role

    def may(action: str, arn: str) -> bool:
        request = writes_role(who, arn, action, region=region)
        return evaluate(request, identity=identity.policies, boundary=identity.boundary).possible

    own = [a for a in ROLE_HANDED_OUT if may(a, role.arn)]
    if own:
        yield f"give itself any right ({', '.join(own)})"
    rewritten = [
        text.name
        for one in (role, *((target,) if target else ()))
        for text in one.attached
        if text.arn and ":iam::aws:" not in text.arn and any(may(a, text.arn) for a in POLICY_REWRITTEN)
    ]
    if rewritten:
        yield f"rewrite the policy {rewritten[0]} ({', '.join(POLICY_REWRITTEN)})"
    if target is None:
        return
    theirs = [a for a in (*ROLE_HANDED_OUT, *ROLE_TAKEN_OVER) if may(a, target.arn)]
    if theirs:
        yield f"rewrite the execution role ({', '.join(theirs)})"
    try:
        trust = named_policy("the trust policy", target.trust, PolicyKind.TRUST)
    except PolicySyntaxError:
        return
    request = assumes_role(who, target.arn, region=region)
    if evaluate(request, identity=identity.policies, resource_policy=trust, boundary=identity.boundary).possible:
        yield "assume the execution role (sts:AssumeRole)"


def _policies(asked: _Access) -> list[tuple[NamedPolicy, str]]:
    found = [(secret_policy(asked.secret), asked.secret.address)]
    if asked.key is not None:
        found.append((key_policy(asked.key), asked.key.address))
    return found


def _named(asked: _Access) -> Iterator[tuple[Principal | None, str, str]]:
    """Everybody whom the secret's and the key's policy name, with the address of that of them which names them."""
    seen: set[str] = set()
    for policy, address in _policies(asked):
        for grantee in grantees(policy):
            if grantee.value in seen:
                continue
            seen.add(grantee.value)
            yield _principal(grantee.kind, grantee.value, asked.facts), grantee.value, address


def _principal(kind: str, value: str, facts: DeployedFacts) -> Principal | None:
    if kind == "Service":
        return Principal.of_service(value)
    if kind != "AWS":
        return None
    if value == "*":
        return Principal.session(f"arn:aws:iam::{facts.account}:{_STRANGER}")
    if value.isdigit():
        return Principal.root(value)
    if value.endswith(":root"):
        return Principal.root(value.split(":")[4])
    if ":assumed-role/" in value or ":role/" in value:
        return Principal.session(value) if ":role/" in value else Principal(value, "session", value.split(":")[4])
    return Principal.user(value) if value.startswith("arn:") else None


def _strangers(asked: _Access) -> Iterator[tuple[Principal, str]]:
    """Some whom nobody names: of whom nothing is known but where they are, and those who fit a condition's pattern."""
    account = asked.facts.account
    yield Principal.session(f"arn:aws:iam::{account}:{_STRANGER}"), "a role without any policy"
    yield Principal.user(f"arn:aws:iam::{account}:user/stranger"), "a user without any policy"
    yield Principal.session(f"arn:aws:iam::{_ELSEWHERE}:{_STRANGER}"), "a role of another account"
    yield Principal.of_service("stranger.amazonaws.com"), "an AWS service"
    seen: set[str] = set()
    for policy, _ in _policies(asked):
        for statement in policy.document.statements:
            for condition in statement.conditions if statement.effect == "Allow" else ():
                for value in condition.values:
                    for fitting in _fitting(condition.key.lower(), value, account):
                        if fitting.role_arn != getattr(asked.execution_role, "arn", "") and fitting.arn not in seen:
                            seen.add(fitting.arn)
                            yield fitting, f"whoever fits {value}"


def _fitting(key: str, pattern: str, account: str) -> Iterator[Principal]:
    """Principals whom a condition on their name means."""
    if key == "aws:username":
        yield Principal.user(f"arn:aws:iam::{account}:user/{_filled(pattern)}")
    if key != "aws:principalarn" or "${" in pattern:
        return
    parts = pattern.split(":", 5)
    if len(parts) != 6:
        if pattern.startswith("*"):
            yield Principal.session(f"arn:aws:iam::{account}:role/stranger{_filled(pattern[1:])}")
        return
    accounts = [account, _ELSEWHERE] if set(parts[4]) & set("*?") else [parts[4]]
    for one in accounts:
        kind, _, name = _filled(parts[5]).partition("/")
        if kind == "user":
            yield Principal.user(f"arn:aws:iam::{one}:user/{name}")
        elif kind == "role" or parts[5].startswith("*"):
            yield Principal.session(f"arn:aws:iam::{one}:role/{name or 'stranger'}")
        elif kind == "root":
            yield Principal.root(one)


def _filled(pattern: str) -> str:
    return pattern.replace("*", "stranger").replace("?", "x")
