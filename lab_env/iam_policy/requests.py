"""The requests of this lesson with the condition keys that AWS puts into them.

Sources: ECS Developer Guide, "Amazon ECS task execution IAM role" (trust with ``aws:SourceAccount`` and
``aws:SourceArn``); Secrets Manager User Guide, "Secret encryption and decryption" (encryption context, ViaService);
Service Authorization Reference for the keys. What depends on the network (``aws:SourceIp``, ``aws:SourceVpc``) or on an
organisation is left out, so a policy that asks for it is undetermined.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from lab_env.iam_policy.evaluation import Request
from lab_env.iam_policy.keys import RESOURCE_TAGS
from lab_env.iam_policy.patterns import ContextValue
from lab_env.iam_policy.principals import Principal

ECS_TASKS = "ecs-tasks.amazonaws.com"


def ecs_assumes_role(role_arn: str, *, region: str, at: datetime | None = None) -> Request:
    """ECS assumes a task's execution or task role.

    The source ARN is that of a task: ECS's guide says to compare it with ``arn:aws:ecs:REGION:ACCOUNT:*``.
    """
    return service_assumes_role(ECS_TASKS, role_arn, region=region, source="ecs", kind="task/lab/0", at=at)


def service_assumes_role(
    service: str, role_arn: str, *, region: str, source: str, kind: str, at: datetime | None = None
) -> Request:
    """An AWS service assumes a role: ``source`` is its ARN's service segment, ``kind`` its resource part."""
    partition, account = role_arn.split(":")[1], role_arn.split(":")[4]
    context: dict[str, ContextValue] = {
        **_everywhere(region, account, at),
        "aws:SourceAccount": account,
        "aws:SourceArn": f"arn:{partition}:{source}:{region}:{account}:{kind}",
        "aws:ViaAWSService": "false",
    }
    return Request("sts:AssumeRole", role_arn, Principal.of_service(service), context, RESOURCE_TAGS)


def reads_secret(
    principal: Principal,
    secret_arn: str,
    *,
    tags: Mapping[str, str] | None = None,
    version_stage: str | None = None,
    action: str = "secretsmanager:GetSecretValue",
    at: datetime | None = None,
) -> Request:
    """A principal reads a secret.

    :param tags: the secret's; None when they are not known.
    :param version_stage: when the call names a staging label; "*" for a call that may name any.
    """
    region, account = secret_arn.split(":")[3:5]
    context = {
        **_everywhere(region, account, at),
        "aws:ViaAWSService": "false",
        "secretsmanager:SecretId": secret_arn,
        **({"secretsmanager:VersionStage": version_stage} if version_stage and version_stage != "*" else {}),
    }
    open_ = ("secretsmanager:versionstage", "secretsmanager:versionid") if version_stage == "*" else ()
    for key, value in (tags or {}).items():
        context[f"aws:ResourceTag/{key}"] = context[f"secretsmanager:ResourceTag/{key}"] = value
    return Request(action, secret_arn, principal, context, (*open_, *(RESOURCE_TAGS if tags is None else ())))


def decrypts_for_secret(
    principal: Principal,
    key_arn: str,
    secret_arn: str,
    *,
    tags: Mapping[str, str] | None = None,
    aliases: Sequence[str] = (),
    action: str = "kms:Decrypt",
    at: datetime | None = None,
) -> Request:
    """Secrets Manager uses the key on the principal's behalf, as it does in every ``GetSecretValue``.

    :param tags: the key's; None when they are not known.
    :param aliases: all of the key's, such as ``alias/app`` (``kms:ResourceAliases``).
    """
    request = uses_key(principal, key_arn, tags=tags, aliases=aliases, action=action, at=at)
    region = key_arn.split(":")[3]
    return Request(
        action,
        key_arn,
        principal,
        {
            **request.context,
            "aws:ViaAWSService": "true",
            "kms:ViaService": f"secretsmanager.{region}.amazonaws.com",
            "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
            "kms:EncryptionContext:SecretARN": secret_arn,
            "kms:EncryptionContext:SecretVersionId": "00000000-0000-0000-0000-000000000000",
            "kms:EncryptionContextKeys": ["SecretARN", "SecretVersionId"],
        },
        request.unknown,
    )


def uses_key(
    principal: Principal,
    key_arn: str,
    *,
    tags: Mapping[str, str] | None = None,
    aliases: Sequence[str] = (),
    action: str = "kms:Decrypt",
    at: datetime | None = None,
) -> Request:
    """A principal calls KMS itself, without a service in between.

    :param tags: the key's; None when they are not known.
    :param aliases: all of the key's, such as ``alias/app`` (``kms:ResourceAliases``).
    """
    region, account = key_arn.split(":")[3:5]
    context: dict[str, ContextValue] = {
        **_everywhere(region, account, at),
        "aws:ViaAWSService": "false",
        **({"kms:CallerAccount": principal.account} if principal.account else {}),
        **({"kms:ResourceAliases": sorted(aliases)} if aliases else {}),
        **{f"aws:ResourceTag/{key}": value for key, value in (tags or {}).items()},
    }
    return Request(action, key_arn, principal, context, RESOURCE_TAGS if tags is None else ())


def assumes_role(principal: Principal, role_arn: str, *, region: str, at: datetime | None = None) -> Request:
    """A user, a session or an account's root assumes a role."""
    account = role_arn.split(":")[4]
    context: dict[str, ContextValue] = {
        **_everywhere(region, account, at),
        "aws:ViaAWSService": "false",
        "sts:RoleSessionName": "session",
    }
    return Request("sts:AssumeRole", role_arn, principal, context, RESOURCE_TAGS)


def _everywhere(region: str, account: str, at: datetime | None) -> dict[str, ContextValue]:
    moment = (at or datetime.now(UTC)).astimezone(UTC)
    return {
        "aws:CurrentTime": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(int(moment.timestamp())),
        "aws:RequestedRegion": region,
        "aws:ResourceAccount": account,
        "aws:SecureTransport": "true",
    }


def writes_role(
    principal: Principal, role_arn: str, action: str, *, region: str, at: datetime | None = None
) -> Request:
    """A principal changes a role or its policies (``iam:PutRolePolicy`` and the like)."""
    context = {**_everywhere(region, role_arn.split(":")[4], at), "aws:ViaAWSService": "false"}
    # What it attaches or puts there is its own choice.
    return Request(action, role_arn, principal, context, (*RESOURCE_TAGS, "iam:"))
