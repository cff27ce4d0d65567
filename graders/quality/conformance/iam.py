"""IAM and STS: roles, their policies, and whether what a role may do is what it can do."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from graders.quality.conformance.behaviour import Behaviour, expect, refused
from lab_env.engine.model import Account, Engine, fresh_account
from lab_env.engine.probe import assume
from lab_env.engine.sessions import client

_REFERENCE = "IAM API Reference"
_GUIDE = "IAM User Guide"
ROLE = "lesson"
_DENIED = ("AccessDeniedException", "AccessDenied")


def _document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def role_of(account: Account, *statements: Mapping[str, Any]) -> str:
    """A role that the account may assume, with these statements; its ARN."""
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account.id}:root"}, "Action": "sts:AssumeRole"}
    iam = client(account, "iam")
    arn = str(iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=_document(trust))["Role"]["Arn"])
    if statements:
        iam.put_role_policy(RoleName=ROLE, PolicyName="inline", PolicyDocument=_document(*statements))
    return arn


def _reading_as_role(account: Account, *statements: Mapping[str, Any], secret: str) -> Callable[[], Any]:
    """A read of the secret with the rights of a role that has these statements."""
    keys = assume(account, role_of(account, *statements), "lesson")
    manager = client(account, "secretsmanager", credentials=keys)
    return lambda: manager.get_secret_value(SecretId=secret)


def _secret(account: Account, name: str = "lesson") -> str:
    return str(client(account, "secretsmanager").create_secret(Name=name, SecretString="1")["ARN"])


def allow(action: str, resource: str, effect: str = "Allow") -> dict[str, str]:
    """A statement; ``effect`` may be ``Deny``."""
    return {"Effect": effect, "Action": action, "Resource": resource}


def _trust(account: Account) -> None:
    iam = client(account, "iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=_document(trust))
    read = iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]
    expect(read["Statement"] == [trust], "another one is read")


def _inline(account: Account) -> None:
    statement = allow("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:1:secret:a-b?c=d&e")
    role_of(account, statement)
    read = client(account, "iam").get_role_policy(RoleName=ROLE, PolicyName="inline")["PolicyDocument"]
    expect(read["Statement"] == [statement], "another one is read")


def _managed(account: Account) -> None:
    role_of(account)
    iam = client(account, "iam")
    arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    iam.attach_role_policy(RoleName=ROLE, PolicyArn=arn)
    found = [one["PolicyArn"] for one in iam.list_attached_role_policies(RoleName=ROLE)["AttachedPolicies"]]
    expect(found == [arn], "it is not attached")


def _in_use(account: Account) -> None:
    role_of(account, allow("kms:Decrypt", "*"))
    refused(lambda: client(account, "iam").delete_role(RoleName=ROLE), "DeleteConflict")


def _session(account: Account) -> None:
    keys = assume(account, role_of(account), "a-session")
    told = client(account, "sts", credentials=keys).get_caller_identity()
    expect(str(told["Arn"]).endswith(f":assumed-role/{ROLE}/a-session"), "GetCallerIdentity tells another caller")


def _nothing(account: Account) -> None:
    refused(_reading_as_role(account, secret=_secret(account)), *_DENIED)


def _exact(account: Account) -> None:
    mine, other = _secret(account), _secret(account, "another")
    read = _reading_as_role(account, allow("secretsmanager:GetSecretValue", mine), secret=mine)
    expect(read()["SecretString"] == "1", "another value is read")
    keys = assume(account, f"arn:aws:iam::{account.id}:role/{ROLE}", "lesson")
    manager = client(account, "secretsmanager", credentials=keys)
    refused(lambda: manager.get_secret_value(SecretId=other), *_DENIED)


def _deny_wins(account: Account) -> None:
    secret = _secret(account)
    both = [allow("secretsmanager:*", "*"), allow("secretsmanager:GetSecretValue", secret, "Deny")]
    refused(_reading_as_role(account, *both, secret=secret), *_DENIED)


def _decrypting(account: Account, resource: Callable[[str], str]) -> Callable[[], Any]:
    """A decryption by a role that may do so on what ``resource`` makes of the key's ARN."""
    kms = client(account, "kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/lesson", TargetKeyId=key)
    blob = kms.encrypt(KeyId=key, Plaintext=b"text")["CiphertextBlob"]
    keys = assume(account, role_of(account, allow("kms:Decrypt", resource(key))), "lesson")
    return lambda: client(account, "kms", credentials=keys).decrypt(CiphertextBlob=blob)


def _key_arn(account: Account) -> None:
    expect(_decrypting(account, lambda arn: arn)()["Plaintext"] == b"text", "another text comes back")


def _alias_arn(account: Account) -> None:
    refused(_decrypting(account, lambda arn: arn.partition(":key/")[0] + ":alias/lesson"), *_DENIED)


def _accounts(account: Account) -> None:
    secret = _secret(account)
    other = fresh_account(Engine("", "", account.endpoint, frozenset()))
    manager = client(other, "secretsmanager")
    names = [one["Name"] for one in manager.list_secrets()["SecretList"]]
    expect(names == [], "another account's secrets are listed")
    refused(lambda: manager.get_secret_value(SecretId=secret.rsplit(":", 1)[-1]), "ResourceNotFoundException")


IAM = (
    Behaviour("iam.trust", "The trust policy is read as it was written.", f"{_REFERENCE}, GetRole", _trust),
    Behaviour("iam.inline", "An inline policy is read as it was written.", f"{_REFERENCE}, GetRolePolicy", _inline),
    Behaviour("iam.managed", "AWS's managed policy for execution roles is there and can be attached.",
              "AWS Managed Policy Reference, AmazonECSTaskExecutionRolePolicy", _managed),
    Behaviour("iam.in_use", "A role that has policies cannot be deleted.", f"{_REFERENCE}, DeleteRole", _in_use),
    Behaviour("sts.session", "An assumed role is told as its session.", "STS API Reference, GetCallerIdentity", _session),
    Behaviour("iam.nothing", "A role without any policy is denied reading a secret.",
              f"{_GUIDE}, Policy evaluation logic", _nothing),
    Behaviour("iam.exact", "A role that may read one secret by its ARN reads that one, and no other.",
              f"{_GUIDE}, Policy evaluation logic", _exact),
    Behaviour("iam.deny_wins", "An explicit deny wins over an allow.", f"{_GUIDE}, Policy evaluation logic", _deny_wins),
    Behaviour("iam.key_arn", "A role that may decrypt with a key by its ARN can.",
              "KMS Developer Guide, Specifying KMS keys in IAM policy statements", _key_arn),
    Behaviour("iam.alias_arn", "An alias's ARN as the resource gives no right to its key.",
              "KMS Developer Guide, Specifying KMS keys in IAM policy statements", _alias_arn),
    Behaviour("sts.accounts", "An account sees nothing of another one.", "AWS General Reference, Account ids", _accounts),
)  # fmt: skip
