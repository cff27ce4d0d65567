"""Who, besides the execution role, can read the secret or use its key: asked for everybody the module makes or names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graders.evidence.deployed import DeployedFacts, KeyFacts, RoleFacts, SecretFacts
from graders.rubric.access.permissions import (
    KEY_ADMINISTRATION,
    KEY_USES,
    READ,
    identity_of,
    key_policy,
    may_read,
    may_use_key,
    others,
    secret_policy,
)
from lab_env.iam_policy import Identity, NamedPolicy, Principal, grantees, named_managed_policy

_NOBODY = Identity(policies=(), unknown=())
_STRANGER = "role/stranger"
_ELSEWHERE = "999999999999"


@dataclass(frozen=True)
class Problem:
    """:param attribute: the argument of the resource at ``address`` that lets them in."""

    text: str
    address: str
    attribute: str | None


@dataclass(frozen=True)
class OtherReaders:
    problems: tuple[Problem, ...]
    checked: tuple[str, ...]


def other_readers(
    facts: DeployedFacts, secret: SecretFacts, key: KeyFacts | None, execution_role: RoleFacts | None
) -> OtherReaders:
    """Ask the evaluator for every other role of the module, for everybody named in the two resource policies, and for a
    stranger inside and outside the account; a decision that cannot be made counts against the module."""
    problems: list[Problem] = []
    checked: list[str] = []
    for role in others(facts, execution_role):
        identity = identity_of(role)
        if identity.unknown:
            text = f"role {role.name} has a policy whose text is not known ({', '.join(identity.unknown)})"
            problems.append(Problem(text, role.address, None))
        who = Principal.session(role.arn, tags=role.tags)
        found = list(_rights(who, identity, secret, key))
        problems += [Problem(f"role {role.name} may {what}", role.address, None) for what in found]
        checked.append(f"role {role.name}")
    own = {facts.root_arn, facts.account, *((execution_role.arn,) if execution_role else ())}
    for named, name, policy_of, attribute in _named(facts, secret, key):
        if name in own or any(name == role.arn for role in facts.roles):
            continue
        if named is None:
            found = ["be let in: the policy names those who are not, or a federation"]
        else:
            # Another account's policies are not ours to see: across accounts both sides must allow, so the worst is taken.
            theirs = _NOBODY if named.account in ("", facts.account) else _anything()
            found = list(_rights(named, theirs, secret, key))
        problems += [Problem(f"{name} may {what}", policy_of, attribute) for what in found]
        checked.append(name)
    strangers = (
        (Principal.session(f"arn:aws:iam::{facts.account}:{_STRANGER}", tags={}), "a role without any policy", _NOBODY),
        (
            Principal.session(f"arn:aws:iam::{_ELSEWHERE}:{_STRANGER}", tags={}),
            "a role of another account",
            _anything(),
        ),
    )
    for stranger, name, identity in strangers:
        if not any(p.text.startswith("* may") for p in problems):
            found = list(_rights(stranger, identity, secret, key))
            problems += [Problem(f"{name} may {what}", secret.address, None) for what in found]
        checked.append(name)
    if key is not None:
        root = Principal.root(facts.account)
        locked = [a for a in KEY_ADMINISTRATION if not may_use_key(a, root, key, None, _NOBODY)[0].allowed]
        if locked:
            text = f"the account's root is no administrator of the key any more ({', '.join(locked)} is refused)"
            problems.append(Problem(text, key.address, "policy"))
        checked.append("the account's root stays administrator of the key")
    return OtherReaders(tuple(dict.fromkeys(problems)), tuple(checked))


def _anything() -> Identity:
    policy = named_managed_policy("arn:aws:iam::aws:policy/AdministratorAccess")
    return Identity(policies=(policy,) if policy else (), unknown=() if policy else ("AdministratorAccess",))


def _rights(who: Principal, identity: Identity, secret: SecretFacts, key: KeyFacts | None) -> Iterator[str]:
    if may_read(who, secret, identity).possible:
        yield f"read the secret ({READ})"
    if key is None:
        return
    uses = [a for a in KEY_USES if any(d.possible for d in may_use_key(a, who, key, secret.arn, identity))]
    if uses:
        yield f"use the secret's key ({', '.join(uses)})"


def _named(
    facts: DeployedFacts, secret: SecretFacts, key: KeyFacts | None
) -> Iterator[tuple[Principal | None, str, str, str]]:
    """Everybody whom the secret's and the key's policy name, with the resource and the argument that name them."""
    policies: list[tuple[NamedPolicy, str]] = [(secret_policy(secret), secret.address)]
    if key is not None:
        policies.append((key_policy(key), key.address))
    seen: set[str] = set()
    for policy, address in policies:
        for grantee in grantees(policy):
            if grantee.value in seen:
                continue
            seen.add(grantee.value)
            yield _principal(grantee.kind, grantee.value, facts), grantee.value, address, "policy"


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
