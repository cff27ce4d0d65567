"""The execution role as it is deployed, and credentials of it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from lab_env.ecs_agent.value_from import AgentError
from lab_env.engine import Account, sessions
from lab_env.engine.probe import assume
from lab_env.engine.sessions import Credentials
from lab_env.iam_policy import NamedPolicy, PolicyDocument, named_managed_policy, named_policy

_SHADOW_TRUST = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}


@dataclass(frozen=True)
class Attached:
    """A policy of a role: inline (no ARN) or attached; ``policy`` is None for an AWS-managed one we do not know."""

    name: str
    arn: str | None
    policy: NamedPolicy | None

    @property
    def aws_managed(self) -> bool:
        return self.arn is not None and self.arn.split(":")[4] == "aws"


@dataclass(frozen=True)
class Role:
    """A role with everything that decides what it may do.

    :param trust: its trust policy.
    :param unknown_policies: attached AWS-managed policies whose documents are not shipped: they count as no right.
    """

    name: str
    arn: str
    trust: NamedPolicy
    policies: tuple[Attached, ...]
    boundary: NamedPolicy | None
    boundary_arn: str | None
    tags: Mapping[str, str]

    @property
    def identity(self) -> tuple[NamedPolicy, ...]:
        return tuple(attached.policy for attached in self.policies if attached.policy is not None)

    @property
    def unknown_policies(self) -> tuple[str, ...]:
        return tuple(attached.name for attached in self.policies if attached.policy is None)


def read_role(account: Account, role: str) -> Role | None:
    """The role of that ARN or name, as the account's IAM has it; None when there is none.

    :raises lab_env.iam_policy.PolicySyntaxError: one of its policies is no policy.
    """
    iam = sessions.client(account, "iam")
    name = role.rsplit("/", 1)[-1]
    try:
        found = iam.get_role(RoleName=name)["Role"]
    except iam.exceptions.NoSuchEntityException:
        return None
    boundary_arn = found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    boundary = None if boundary_arn is None else _managed(iam, boundary_arn.rsplit("/", 1)[-1], boundary_arn).policy
    return Role(
        name=name,
        arn=found["Arn"],
        trust=named_policy(f'trust policy of role "{name}"', _document(found["AssumeRolePolicyDocument"]), "trust"),
        policies=tuple(_policies(iam, name)),
        boundary=boundary,
        boundary_arn=boundary_arn,
        tags={tag["Key"]: tag["Value"] for tag in found.get("Tags", ())},
    )


def _policies(iam: Any, role: str) -> Iterator[Attached]:
    for page in iam.get_paginator("list_role_policies").paginate(RoleName=role):
        for name in page["PolicyNames"]:
            document = _document(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])
            yield Attached(name, None, named_policy(f'role policy "{name}"', document))
    for page in iam.get_paginator("list_attached_role_policies").paginate(RoleName=role):
        for policy in page["AttachedPolicies"]:
            yield _managed(iam, policy["PolicyName"], policy["PolicyArn"])


def _managed(iam: Any, name: str, arn: str) -> Attached:
    if arn.split(":")[4] == "aws":
        return Attached(name, arn, named_managed_policy(arn))
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = _document(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])
    return Attached(name, arn, named_policy(f'policy "{name}"', document))


def _document(value: Any) -> dict[str, Any]:
    """Policy documents come as JSON text, or already read by the client."""
    document = json.loads(value) if isinstance(value, str) else value
    return document if isinstance(document, dict) else {}


def _written(document: PolicyDocument) -> dict[str, Any]:
    """A read identity policy as JSON again."""
    statements = []
    for read in document.statements:
        statement: dict[str, Any] = {"Effect": read.effect}
        for name, element in (("Action", read.action), ("Resource", read.resource)):
            if element is not None:
                statement[f"Not{name}" if element.negated else name] = list(element.values)
        for condition in read.conditions:
            block = statement.setdefault("Condition", {}).setdefault(condition.operator, {})
            block[condition.key] = list(condition.values)
        statements.append(statement)
    return {"Version": document.version, "Statement": statements}


@dataclass(frozen=True)
class RoleSession:
    """Credentials of a launch; ``shadow``: of a role with the same policies, because the engine gave none of the role's
    own or does not know an AWS-managed policy."""

    credentials: Credentials
    shadow: bool


def own_session(account: Account, role: Role, session_name: str) -> RoleSession | None:
    """The role's own credentials; None when the engine refuses (it judges trust by other rules than ECS meets)."""
    from botocore.exceptions import ClientError

    try:
        return RoleSession(assume(account, role.arn, session_name), shadow=False)
    except ClientError:
        return None


@contextmanager
def shadow_session(account: Account, role: Role, session_name: str) -> Iterator[RoleSession]:
    """Credentials of a role with the same policies and boundary that lives as long as the block.

    AWS-managed policies become inline copies: the engine knows their names only.
    """
    iam = sessions.client(account, "iam")
    name = f"lab-shadow-{secrets.token_hex(8)}"
    boundary = {"PermissionsBoundary": role.boundary_arn} if role.boundary_arn else {}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [_SHADOW_TRUST]})
    shadow = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **boundary)["Role"]
    attached, inline = [], []
    try:
        for number, policy in enumerate(role.policies):
            if policy.arn is not None and not policy.aws_managed:
                iam.attach_role_policy(RoleName=name, PolicyArn=policy.arn)
                attached.append(policy.arn)
            elif policy.policy is not None:
                copy = f"copy-{number}"
                document = json.dumps(_written(policy.policy.document))
                iam.put_role_policy(RoleName=name, PolicyName=copy, PolicyDocument=document)
                inline.append(copy)
        yield RoleSession(assume(account, shadow["Arn"], session_name), shadow=True)
    finally:
        for arn in attached:
            iam.detach_role_policy(RoleName=name, PolicyArn=arn)
        for copy in inline:
            iam.delete_role_policy(RoleName=name, PolicyName=copy)
        iam.delete_role(RoleName=name)


def not_assumable(role_arn: str, why: str) -> AgentError:
    """ECS's sentence for a role it cannot assume, with the reason that ours knows."""
    return AgentError(
        f"ECS was unable to assume the role '{role_arn}' that was provided for this task. Please verify that the role "
        f"being passed has the proper trust relationship and permissions ({why})."
    )
