"""The execution role as it is deployed, and credentials of it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from lab_env.ecs_agent.value_from import AgentError
from lab_env.engine import Account, sessions
from lab_env.engine.probe import assume
from lab_env.engine.sessions import Credentials
from lab_env.iam_policy import (
    Identity,
    NamedPolicy,
    PolicySyntaxError,
    Role,
    managed_policy_text,
    named_policy,
    read_role,
)
from lab_env.iam_policy.managed import is_aws_managed

_SHADOW_TRUST = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}


@dataclass(frozen=True)
class ExecutionRole:
    """A role of the account with everything that decides what it may do."""

    role: Role
    trust: NamedPolicy
    identity: Identity


def read_execution_role(account: Account, role: str) -> ExecutionRole | None:
    """The role of that ARN or name; None when there is none.

    :raises lab_env.iam_policy.PolicySyntaxError: one of its policies is no policy.
    """
    found = read_role(sessions.client(account, "iam"), role.rpartition("/")[2])
    if found is None:
        return None
    trust = named_policy(f'trust policy of role "{found.name}"', found.trust, "trust")
    return ExecutionRole(found, trust, found.identity(lambda p: f'{"policy" if p.arn else "role policy"} "{p.name}"'))


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
    boundary = {"PermissionsBoundary": role.boundary.arn} if role.boundary else {}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [_SHADOW_TRUST]})
    shadow = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **boundary)["Role"]
    attached, inline = [], []
    try:
        for number, policy in enumerate((*role.inline, *role.attached)):
            document = policy.document or managed_policy_text(policy.arn or "")
            if policy.arn is not None and not is_aws_managed(policy.arn):
                iam.attach_role_policy(RoleName=name, PolicyArn=policy.arn)
                attached.append(policy.arn)
            elif document is not None and _is_policy(document):
                copy = f"copy-{number}"
                iam.put_role_policy(RoleName=name, PolicyName=copy, PolicyDocument=document)
                inline.append(copy)
        yield RoleSession(assume(account, shadow["Arn"], session_name), shadow=True)
    finally:
        for arn in attached:
            iam.detach_role_policy(RoleName=name, PolicyArn=arn)
        for copy in inline:
            iam.delete_role_policy(RoleName=name, PolicyName=copy)
        iam.delete_role(RoleName=name)


def _is_policy(document: str) -> bool:
    try:
        named_policy("copy", document)
    except PolicySyntaxError:
        return False
    return True


@contextmanager
def granted_session(account: Account, secret_arns: Sequence[str], session_name: str) -> Iterator[RoleSession]:
    """Credentials of a role that may read these secrets, for as long as the block lasts.

    For what our evaluator allows and the engine refuses, because it does not know a condition's key.
    """
    iam = sessions.client(account, "iam")
    name = f"lab-shadow-{secrets.token_hex(8)}"
    trust = json.dumps({"Version": "2012-10-17", "Statement": [_SHADOW_TRUST]})
    right = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": sorted(set(secret_arns))}
    shadow = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]
    try:
        document = json.dumps({"Version": "2012-10-17", "Statement": [right]})
        iam.put_role_policy(RoleName=name, PolicyName="read", PolicyDocument=document)
        yield RoleSession(assume(account, shadow["Arn"], session_name), shadow=True)
    finally:
        iam.delete_role_policy(RoleName=name, PolicyName="read")
        iam.delete_role(RoleName=name)


def not_assumable(role_arn: str, why: str) -> AgentError:
    """ECS's sentence for a role it cannot assume, with the reason that ours knows."""
    return AgentError(
        f"ECS was unable to assume the role '{role_arn}' that was provided for this task. Please verify that the role "
        f"being passed has the proper trust relationship and permissions ({why})."
    )
