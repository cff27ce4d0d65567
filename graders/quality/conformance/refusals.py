"""Calls that AWS refuses, each beside one like it that AWS takes, as behaviours that every engine is held against.

What they need is made first, so that a rule's questions have something to find. ``lab_env.aws_refusals`` has the rules.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graders.quality.conformance.behaviour import Behaviour, code_of, expect
from lab_env.engine.model import Account
from lab_env.engine.sessions import client

Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Pair:
    """Two calls of one operation.

    :param name: what is wrong with the refused one.
    :param refused: with parts that are replaced: ``<account>``, ``<key>`` (one that works), ``<disabled>``, ``<pending>`` (one that
        is to be deleted), ``<secret>``.
    :param code: AWS's; ``says`` is part of the sentence.
    """

    name: str
    service: str
    operation: str
    refused: Parameters
    taken: Parameters
    code: str
    says: str

    @property
    def behaviour(self) -> Behaviour:
        slug = re.sub(r"[^a-z0-9]+", "_", self.name.lower()).strip("_")
        says = f"{self.operation} is refused for {self.name} ({self.code}), and one like it is taken."
        return Behaviour(f"refused.{slug}", says, _SOURCES[self.service, self.operation], self._look)

    def _look(self, account: Account) -> None:
        known = prepare(account)
        told = refusal(account, self.service, self.operation, filled(self.refused, known))
        expect(told is not None, "allowed")
        code, said = told or ("", "")
        expect(code == self.code, f"refused with {code}")
        expect(self.says in said, "refused in other words")
        taken = refusal(account, self.service, self.operation, filled(self.taken, known))
        expect(taken is None, "the one like it is refused")


def policy(*statements: Mapping[str, Any], version: str = "2012-10-17") -> str:
    return json.dumps({"Version": version, "Statement": list(statements)})


def allow(action: object, resource: object = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def trusts(principal: object, **more: Any) -> str:
    return policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more})


ECS = {"Service": "ecs-tasks.amazonaws.com"}
ADMINISTRATOR = allow("kms:*", Principal={"AWS": "arn:aws:iam::<account>:root"})
READ = allow("secretsmanager:GetSecretValue", Principal={"AWS": "arn:aws:iam::<account>:root"})


def _role(document: str, **more: str) -> Parameters:
    return {"RoleName": "app", "AssumeRolePolicyDocument": document, **more}


def _inline(*statements: Mapping[str, Any]) -> Parameters:
    return {"RoleName": "there", "PolicyName": "read", "PolicyDocument": policy(*statements)}


def _managed(document: str) -> Parameters:
    return {"PolicyName": "read", "PolicyDocument": document}


def _attached(arn: str) -> Parameters:
    return {"RoleName": "there", "PolicyArn": arn}


def _key(*statements: Mapping[str, Any], **more: Any) -> Parameters:
    return {"Policy": policy(*statements), **more}


def _secret_policy(*statements: Mapping[str, Any]) -> Parameters:
    return {"SecretId": "<secret>", "ResourcePolicy": policy(*statements)}


CONTAINER = {"name": "app", "image": "public.ecr.aws/docker/library/busybox:stable"}


def _task(container: Mapping[str, Any] | None = None, **more: Any) -> Parameters:
    fargate = {
        "family": "app",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": "arn:aws:iam::<account>:role/there",
        "containerDefinitions": [{**CONTAINER, **(container or {})}],
    }
    return {name: value for name, value in {**fargate, **more}.items() if value is not None}


_SECRET = {"name": "DB_PASSWORD", "valueFrom": "arn:aws:secretsmanager:us-east-1:<account>:secret:x-AbCdEf:password::"}
_LOGS = {"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "g", "awslogs-region": "us-east-1"}}}
_TOO_LONG = [f"arn:aws:s3:::a-bucket-with-quite-a-long-name-{number}" for number in range(300)]

PAIRS = (
    Pair(
        "a Sid with a hyphen in an identity policy",
        "iam",
        "PutRolePolicy",
        _inline(allow("s3:GetObject", Sid="read-it")),
        _inline(allow("s3:GetObject", Sid="ReadIt")),
        "MalformedPolicyDocument",
        "read-it",
    ),
    Pair(
        "a Sid twice",
        "iam",
        "PutRolePolicy",
        _inline(allow("s3:GetObject", Sid="Read"), allow("s3:PutObject", Sid="Read")),
        _inline(allow("s3:GetObject", Sid="Read"), allow("s3:PutObject", Sid="Write")),
        "MalformedPolicyDocument",
        "twice",
    ),
    Pair(
        "an operator that IAM does not know",
        "iam",
        "PutRolePolicy",
        _inline(allow("s3:GetObject", Condition={"StringEqual": {"aws:PrincipalTag/a": "b"}})),
        _inline(allow("s3:GetObject", Condition={"StringEquals": {"aws:PrincipalTag/a": "b"}})),
        "MalformedPolicyDocument",
        "StringEqual",
    ),
    Pair(
        "an action without its service",
        "iam",
        "PutRolePolicy",
        _inline(allow("GetSecretValue")),
        _inline(allow("secretsmanager:GetSecretValue")),
        "MalformedPolicyDocument",
        "GetSecretValue",
    ),
    Pair(
        "a principal in an identity policy",
        "iam",
        "PutRolePolicy",
        _inline(allow("s3:GetObject", Principal="*")),
        _inline(allow("s3:GetObject")),
        "MalformedPolicyDocument",
        "Principal",
    ),
    Pair(
        "an identity policy without a resource",
        "iam",
        "PutRolePolicy",
        _inline({"Effect": "Allow", "Action": "s3:GetObject"}),
        _inline(allow("s3:GetObject")),
        "MalformedPolicyDocument",
        "Resource",
    ),
    Pair(
        "an inline policy that is too long",
        "iam",
        "PutRolePolicy",
        _inline(allow("s3:GetObject", _TOO_LONG)),
        _inline(allow("s3:GetObject", _TOO_LONG[:150])),
        "LimitExceeded",
        "10240",
    ),
    Pair(
        "a managed policy of the old version",
        "iam",
        "CreatePolicy",
        _managed(policy(allow("s3:GetObject"), version="2008-10-17")),
        _managed(policy(allow("s3:GetObject"))),
        "MalformedPolicyDocument",
        "2012-10-17",
    ),
    Pair(
        "a role's name with a space",
        "iam",
        "CreateRole",
        {**_role(trusts(ECS)), "RoleName": "my app"},
        {**_role(trusts(ECS)), "RoleName": "my.app"},
        "ValidationError",
        "roleName",
    ),
    Pair(
        "a trust policy with a resource",
        "iam",
        "CreateRole",
        _role(trusts(ECS, Resource="*")),
        _role(trusts(ECS)),
        "MalformedPolicyDocument",
        "Resource",
    ),
    Pair(
        "a trust policy for a role that there is not",
        "iam",
        "CreateRole",
        _role(trusts({"AWS": "arn:aws:iam::<account>:role/nobody"})),
        _role(trusts({"AWS": "arn:aws:iam::<account>:role/there"})),
        "MalformedPolicyDocument",
        "nobody",
    ),
    Pair(
        "a trust policy for what is no principal",
        "iam",
        "CreateRole",
        _role(trusts({"AWS": "ecs-tasks.amazonaws.com"})),
        _role(trusts({"AWS": "arn:aws:iam::444455556666:role/somebody-elses"})),
        "MalformedPolicyDocument",
        "no account, role, user or session",
    ),
    Pair(
        "a service that is none",
        "iam",
        "CreateRole",
        _role(trusts({"Service": "ecs-tasks"})),
        _role(trusts(ECS)),
        "MalformedPolicyDocument",
        "ecs-tasks",
    ),
    Pair(
        "AWS's policy without its path",
        "iam",
        "AttachRolePolicy",
        _attached("arn:aws:iam::aws:policy/AmazonECSTaskExecutionRolePolicy"),
        _attached("arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"),
        "NoSuchEntity",
        "AmazonECSTaskExecutionRolePolicy",
    ),
    Pair(
        "a key policy without an administrator",
        "kms",
        "CreateKey",
        _key(allow("kms:Decrypt", Principal={"AWS": "arn:aws:iam::<account>:role/there"})),
        _key(ADMINISTRATOR, allow("kms:Decrypt", Principal={"AWS": "arn:aws:iam::<account>:role/there"})),
        "MalformedPolicyDocumentException",
        "will not allow you to update the key policy",
    ),
    Pair(
        "a key policy that denies its own change",
        "kms",
        "CreateKey",
        _key(ADMINISTRATOR, {"Effect": "Deny", "Principal": "*", "Action": "kms:Put*", "Resource": "*"}),
        _key(
            ADMINISTRATOR,
            {"Effect": "Deny", "Principal": "*", "Action": "kms:Put*", "Resource": "*"},
            BypassPolicyLockoutSafetyCheck=True,
        ),
        "MalformedPolicyDocumentException",
        "will not allow you to update the key policy",
    ),
    Pair(
        "a key policy for a role that there is not",
        "kms",
        "CreateKey",
        _key(ADMINISTRATOR, allow("kms:Decrypt", Principal={"AWS": "arn:aws:iam::<account>:role/nobody"})),
        _key(
            ADMINISTRATOR,
            allow("kms:Decrypt", Sid="with spaces", Principal={"AWS": "arn:aws:iam::<account>:role/there"}),
        ),
        "MalformedPolicyDocumentException",
        "nobody",
    ),
    Pair(
        "a key policy with an unknown element",
        "kms",
        "CreateKey",
        _key({**ADMINISTRATOR, "Principals": "*"}),
        _key({key: value for key, value in ADMINISTRATOR.items() if key != "Sid"}),
        "MalformedPolicyDocumentException",
        "Principals",
    ),
    Pair(
        "an alias of AWS's own prefix",
        "kms",
        "CreateAlias",
        {"AliasName": "alias/aws/app", "TargetKeyId": "<key>"},
        {"AliasName": "alias/my-aws/app", "TargetKeyId": "<key>"},
        "NotAuthorizedException",
        "reserved",
    ),
    Pair(
        "an alias with a dot",
        "kms",
        "CreateAlias",
        {"AliasName": "alias/app.dev", "TargetKeyId": "<key>"},
        {"AliasName": "alias/app-dev", "TargetKeyId": "<key>"},
        "InvalidAliasNameException",
        "app.dev",
    ),
    Pair(
        "a key that is pending deletion is enabled",
        "kms",
        "EnableKey",
        {"KeyId": "<pending>"},
        {"KeyId": "<disabled>"},
        "KMSInvalidStateException",
        "is pending deletion",
    ),
    Pair(
        "a key that is pending deletion is disabled",
        "kms",
        "DisableKey",
        {"KeyId": "<pending>"},
        {"KeyId": "<key>"},
        "KMSInvalidStateException",
        "is pending deletion",
    ),
    Pair(
        "a key that is pending deletion already",
        "kms",
        "ScheduleKeyDeletion",
        {"KeyId": "<pending>", "PendingWindowInDays": 7},
        {"KeyId": "<disabled>", "PendingWindowInDays": 7},
        "KMSInvalidStateException",
        "is pending deletion",
    ),
    Pair(
        "a key that is not pending deletion",
        "kms",
        "CancelKeyDeletion",
        {"KeyId": "<disabled>"},
        {"KeyId": "<pending>"},
        "KMSInvalidStateException",
        "is not pending deletion",
    ),
    Pair(
        "an alias of a key that is pending deletion",
        "kms",
        "CreateAlias",
        {"AliasName": "alias/app", "TargetKeyId": "<pending>"},
        {"AliasName": "alias/app", "TargetKeyId": "<disabled>"},
        "KMSInvalidStateException",
        "is pending deletion",
    ),
    Pair(
        "a tag on a key that is pending deletion",
        "kms",
        "TagResource",
        {"KeyId": "<pending>", "Tags": [{"TagKey": "a", "TagValue": "b"}]},
        {"KeyId": "<disabled>", "Tags": [{"TagKey": "a", "TagValue": "b"}]},
        "KMSInvalidStateException",
        "is pending deletion",
    ),
    Pair(
        "the description of a key that is pending deletion",
        "kms",
        "UpdateKeyDescription",
        {"KeyId": "<pending>", "Description": "x"},
        {"KeyId": "<disabled>", "Description": "x"},
        "KMSInvalidStateException",
        "is pending deletion",
    ),
    Pair(
        "the rotation of a disabled key",
        "kms",
        "EnableKeyRotation",
        {"KeyId": "<disabled>"},
        {"KeyId": "<key>"},
        "DisabledException",
        "is disabled",
    ),
    Pair(
        "a rotation period of more than seven years",
        "kms",
        "EnableKeyRotation",
        {"KeyId": "<key>", "RotationPeriodInDays": 2561},
        {"KeyId": "<key>", "RotationPeriodInDays": 2560},
        "ValidationException",
        "2560",
    ),
    Pair(
        "a public policy where that is blocked",
        "secretsmanager",
        "PutResourcePolicy",
        {**_secret_policy({**READ, "Principal": "*"}), "BlockPublicPolicy": True},
        {**_secret_policy(READ), "BlockPublicPolicy": True},
        "PublicPolicyException",
        "did not prevent broad access",
    ),
    Pair(
        "a secret's policy for a user that there is not",
        "secretsmanager",
        "PutResourcePolicy",
        _secret_policy({**READ, "Principal": {"AWS": "arn:aws:iam::<account>:user/nobody"}}),
        _secret_policy(READ),
        "MalformedPolicyDocumentException",
        "unsupported principal",
    ),
    Pair(
        "a secret's name with a space",
        "secretsmanager",
        "CreateSecret",
        {"Name": "dev database"},
        {"Name": "dev/database+credentials=1@x.y"},
        "ValidationException",
        "alphanumeric",
    ),
    Pair(
        "the name of a secret that is scheduled for deletion",
        "secretsmanager",
        "CreateSecret",
        {"Name": "leaving"},
        {"Name": "staying"},
        "InvalidRequestException",
        "already scheduled for deletion",
    ),
    Pair(
        "a value under a disabled key",
        "secretsmanager",
        "CreateSecret",
        {"Name": "dark", "SecretString": "x", "KmsKeyId": "<disabled>"},
        {"Name": "light", "SecretString": "x", "KmsKeyId": "<key>"},
        "EncryptionFailure",
        "can't encrypt",
    ),
    Pair(
        "a new value under a disabled key",
        "secretsmanager",
        "PutSecretValue",
        {"SecretId": "darkened", "SecretString": "y"},
        {"SecretId": "<secret>", "SecretString": "y"},
        "EncryptionFailure",
        "can't encrypt",
    ),
    Pair(
        "a value under a disabled key is read",
        "secretsmanager",
        "GetSecretValue",
        {"SecretId": "darkened"},
        {"SecretId": "<secret>"},
        "DecryptionFailure",
        "can't decrypt",
    ),
    Pair(
        "a version and a label that do not belong together",
        "secretsmanager",
        "GetSecretValue",
        {"SecretId": "<secret>", "VersionId": "<version>", "VersionStage": "AWSPREVIOUS"},
        {"SecretId": "<secret>", "VersionId": "<version>", "VersionStage": "AWSCURRENT"},
        "ResourceNotFoundException",
        "not associated",
    ),
    Pair(
        "a size that Fargate does not have",
        "ecs",
        "RegisterTaskDefinition",
        _task(memory="128"),
        _task(memory="2048"),
        "ClientException",
        "No Fargate configuration",
    ),
    Pair(
        "Fargate on the bridge",
        "ecs",
        "RegisterTaskDefinition",
        _task(networkMode="bridge"),
        _task({"memory": 128}, networkMode="bridge", requiresCompatibilities=["EC2"]),
        "ClientException",
        "awsvpc",
    ),
    Pair(
        "Fargate without a size",
        "ecs",
        "RegisterTaskDefinition",
        _task(cpu=None),
        _task({"memory": 128}, cpu=None, requiresCompatibilities=["EC2"]),
        "ClientException",
        "'cpu'",
    ),
    Pair(
        "logs on Fargate without a role",
        "ecs",
        "RegisterTaskDefinition",
        _task(_LOGS, executionRoleArn=None),
        _task(executionRoleArn=None),
        "ClientException",
        "awslogs",
    ),
    Pair(
        "secrets without a role",
        "ecs",
        "RegisterTaskDefinition",
        _task({"secrets": [_SECRET]}, executionRoleArn=None),
        _task({"secrets": [_SECRET]}),
        "ClientException",
        "executionRoleArn",
    ),
    Pair(
        "a variable twice",
        "ecs",
        "RegisterTaskDefinition",
        _task({"secrets": [_SECRET], "environment": [{"name": "DB_PASSWORD", "value": "x"}]}),
        _task({"secrets": [_SECRET], "environment": [{"name": "DB_USER", "value": "x"}]}),
        "ClientException",
        "unique",
    ),
    Pair(
        "a secret that is a bucket",
        "ecs",
        "RegisterTaskDefinition",
        _task({"secrets": [{"name": "DB_PASSWORD", "valueFrom": "arn:aws:s3:::bucket/password"}]}),
        _task({"secrets": [{"name": "DB_PASSWORD", "valueFrom": "/dev/password"}]}),
        "ClientException",
        "s3",
    ),
    Pair(
        "no memory on EC2",
        "ecs",
        "RegisterTaskDefinition",
        _task(networkMode="bridge", requiresCompatibilities=["EC2"], memory=None, cpu=None),
        _task({"memoryReservation": 64}, networkMode="bridge", requiresCompatibilities=None, memory=None, cpu=None),
        "ClientException",
        "memoryReservation",
    ),
    Pair(
        "no essential container",
        "ecs",
        "RegisterTaskDefinition",
        _task({"essential": False}),
        _task({"essential": True}),
        "ClientException",
        "essential",
    ),
    Pair(
        "another port of the host",
        "ecs",
        "RegisterTaskDefinition",
        _task({"portMappings": [{"containerPort": 80, "hostPort": 8080}]}),
        _task({"portMappings": [{"containerPort": 80}]}),
        "ClientException",
        "must match",
    ),
)


_SOURCES = {
    ("iam", "PutRolePolicy"): "IAM User Guide, IAM JSON policy elements reference",
    ("iam", "CreatePolicy"): "IAM User Guide, IAM JSON policy elements: Version",
    ("iam", "CreateRole"): "IAM API Reference, CreateRole",
    ("iam", "AttachRolePolicy"): "IAM API Reference, AttachRolePolicy",
    ("kms", "CreateKey"): "KMS API Reference, CreateKey",
    ("kms", "CreateAlias"): "KMS API Reference, CreateAlias",
    ("kms", "EnableKeyRotation"): "KMS API Reference, EnableKeyRotation",
    **dict.fromkeys(
        (
            ("kms", name)
            for name in (
                "EnableKey",
                "DisableKey",
                "ScheduleKeyDeletion",
                "CancelKeyDeletion",
                "TagResource",
                "UpdateKeyDescription",
            )
        ),
        "KMS Developer Guide, Key states",
    ),
    ("secretsmanager", "PutResourcePolicy"): "Secrets Manager API Reference, PutResourcePolicy",
    ("secretsmanager", "CreateSecret"): "Secrets Manager API Reference, CreateSecret",
    ("secretsmanager", "PutSecretValue"): "Secrets Manager API Reference, PutSecretValue",
    ("secretsmanager", "GetSecretValue"): "Secrets Manager API Reference, GetSecretValue",
    ("ecs", "RegisterTaskDefinition"): "ECS API Reference, RegisterTaskDefinition",
}


def prepare(account: Account) -> Mapping[str, str]:
    """Make the role, the keys and the secrets; returns what the parts of a call's parameters stand for."""
    iam, kms, manager = (client(account, name) for name in ("iam", "kms", "secretsmanager"))
    iam.create_role(RoleName="there", AssumeRolePolicyDocument=trusts(ECS))
    key, disabled, pending = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(3))
    secret = manager.create_secret(Name="readable", SecretString=json.dumps({"password": "x"}), KmsKeyId=key)
    manager.create_secret(Name="darkened", SecretString="x", KmsKeyId=disabled)
    kms.disable_key(KeyId=disabled)
    kms.schedule_key_deletion(KeyId=pending, PendingWindowInDays=7)
    manager.create_secret(Name="leaving", SecretString="x")
    manager.delete_secret(SecretId="leaving", RecoveryWindowInDays=7)
    return {
        "<account>": account.id,
        "<key>": key,
        "<disabled>": disabled,
        "<pending>": pending,
        "<secret>": secret["ARN"],
        "<version>": secret["VersionId"],
    }


def refusal(account: Account, service: str, operation: str, parameters: Parameters) -> tuple[str, str] | None:
    """The code and the message of the error that a call is answered with; None: it is taken."""
    from botocore import xform_name
    from botocore.exceptions import ClientError

    call = getattr(client(account, service), xform_name(operation))
    try:
        call(**parameters)
    except ClientError as error:
        return code_of(error), str(error.response["Error"]["Message"])
    return None


def filled(parameters: Any, known: Mapping[str, str]) -> Any:
    """The parameters with their parts replaced."""
    if isinstance(parameters, str):
        for part, value in known.items():
            parameters = parameters.replace(part, value)
        return parameters
    if isinstance(parameters, Mapping):
        return {name: filled(value, known) for name, value in parameters.items()}
    if isinstance(parameters, list):
        return [filled(value, known) for value in parameters]
    return parameters


REFUSALS = tuple(pair.behaviour for pair in PAIRS)
