"""What :data:`~tests.lab_env.aws_refusals.refusals.PAIRS` needs on an engine, and how a call of it is made there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from lab_env.engine import Account, sessions
from tests.lab_env.aws_refusals.refusals import ECS, Parameters, filled, trusts


def prepare(account: Account) -> Mapping[str, str]:
    """Make the role, the keys and the secrets; returns what the parts of a call's parameters stand for."""
    iam, kms, manager = (sessions.client(account, name) for name in ("iam", "kms", "secretsmanager"))
    iam.create_role(RoleName="there", AssumeRolePolicyDocument=trusts(ECS))
    key, disabled = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    secret = manager.create_secret(Name="readable", SecretString=json.dumps({"password": "x"}), KmsKeyId=key)
    manager.create_secret(Name="darkened", SecretString="x", KmsKeyId=disabled)
    kms.disable_key(KeyId=disabled)
    manager.create_secret(Name="leaving", SecretString="x")
    manager.delete_secret(SecretId="leaving", RecoveryWindowInDays=7)
    return {
        "<account>": account.id,
        "<key>": key,
        "<disabled>": disabled,
        "<secret>": secret["ARN"],
        "<version>": secret["VersionId"],
    }


def refused(account: Account, service: str, operation: str, parameters: Parameters) -> tuple[str, str] | None:
    """The code and the message of the error that a call is answered with; None: it is taken."""
    call: Any = getattr(sessions.client(account, service), xform_name(operation))
    try:
        call(**parameters)
    except ClientError as error:
        return str(error.response["Error"]["Code"]), str(error.response["Error"]["Message"])
    return None


__all__ = ["filled", "prepare", "refused"]
