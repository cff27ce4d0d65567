"""Secrets Manager: the shell secret, its versions and labels, deletion and its window, the key."""

from __future__ import annotations

import json
import uuid
from typing import Any

from graders.quality.conformance.behaviour import Behaviour, expect, refused
from lab_env.engine.model import Account
from lab_env.engine.sessions import client

_REFERENCE = "Secrets Manager API Reference"
_GUIDE = "Secrets Manager User Guide"
NAME = "dev-lesson"


def _labels(manager: Any) -> dict[str, set[str]]:
    """The version ids that have labels, with them."""
    found = manager.describe_secret(SecretId=NAME).get("VersionIdsToStages") or {}
    return {version: set(labels) for version, labels in found.items() if labels}


def _shell(account: Account) -> None:
    manager = client(account, "secretsmanager")
    expect("VersionId" not in manager.create_secret(Name=NAME), "it is created with a version")
    refused(lambda: manager.get_secret_value(SecretId=NAME), "ResourceNotFoundException")


def _key(account: Account) -> None:
    manager = client(account, "secretsmanager")
    key = client(account, "kms").create_key()["KeyMetadata"]["Arn"]
    manager.create_secret(Name=NAME, KmsKeyId=key)
    expect(manager.describe_secret(SecretId=NAME).get("KmsKeyId") == key, "another key is told")


def _name_taken(account: Account) -> None:
    manager = client(account, "secretsmanager")
    manager.create_secret(Name=NAME)
    refused(lambda: manager.create_secret(Name=NAME), "ResourceExistsException")


def _arn(account: Account) -> None:
    arn = client(account, "secretsmanager").create_secret(Name=NAME)["ARN"]
    prefix, _, suffix = str(arn).rpartition("-")
    expect(prefix.endswith(f":secret:{NAME}") and len(suffix) == 6 and suffix.isalnum(), "it ends otherwise")


def _rotated(account: Account) -> None:
    manager = client(account, "secretsmanager")
    first = manager.create_secret(Name=NAME, SecretString="1")["VersionId"]
    second = manager.put_secret_value(SecretId=NAME, SecretString="2")["VersionId"]
    wanted = {first: {"AWSPREVIOUS"}, second: {"AWSCURRENT"}}
    expect(_labels(manager) == wanted, "the labels are elsewhere")
    read = manager.get_secret_value(SecretId=NAME, VersionStage="AWSPREVIOUS")
    expect((read["VersionId"], read["SecretString"]) == (first, "1"), "another version is read as AWSPREVIOUS")


def _kept(account: Account) -> None:
    manager = client(account, "secretsmanager")
    first = manager.create_secret(Name=NAME, SecretString="1")["VersionId"]
    for value in ("2", "3"):
        manager.put_secret_value(SecretId=NAME, SecretString=value)
    manager.get_secret_value(SecretId=NAME, VersionId=first)


def _own_label(account: Account) -> None:
    manager = client(account, "secretsmanager")
    manager.create_secret(Name=NAME)
    labels = ["AWSCURRENT", "LESSON"]
    version = manager.put_secret_value(SecretId=NAME, SecretString="1", VersionStages=labels)["VersionId"]
    expect(_labels(manager).get(version) == set(labels), "the label of its own is dropped")


def _own_label_stays(account: Account) -> None:
    manager = client(account, "secretsmanager")
    first = manager.create_secret(Name=NAME, SecretString="1")["VersionId"]
    manager.update_secret_version_stage(SecretId=NAME, VersionStage="LESSON", MoveToVersionId=first)
    for value in ("2", "3"):
        manager.put_secret_value(SecretId=NAME, SecretString=value)
    expect(_labels(manager).get(first) == {"LESSON"}, "the version or its label is gone")
    expect(manager.get_secret_value(SecretId=NAME, VersionStage="LESSON")["SecretString"] == "1", "another one is read")


def _label_moves(account: Account) -> None:
    manager = client(account, "secretsmanager")
    first = manager.create_secret(Name=NAME, SecretString="1")["VersionId"]
    second = manager.put_secret_value(SecretId=NAME, SecretString="2")["VersionId"]
    moved = {"VersionStage": "AWSCURRENT", "MoveToVersionId": first, "RemoveFromVersionId": second}
    manager.update_secret_version_stage(SecretId=NAME, **moved)
    expect(_labels(manager) == {first: {"AWSCURRENT"}, second: {"AWSPREVIOUS"}}, "the labels are elsewhere")


def _token(account: Account) -> None:
    manager = client(account, "secretsmanager")
    manager.create_secret(Name=NAME)
    token = str(uuid.uuid4())
    asked = {"SecretId": NAME, "ClientRequestToken": token}
    versions = {manager.put_secret_value(**asked, SecretString="1")["VersionId"] for _ in range(2)}
    expect(versions == {token}, "the same request makes another version")
    refused(lambda: manager.put_secret_value(**asked, SecretString="2"), "ResourceExistsException")


def _deleted(account: Account) -> None:
    manager = client(account, "secretsmanager")
    manager.create_secret(Name=NAME, SecretString="1")
    manager.delete_secret(SecretId=NAME, RecoveryWindowInDays=7)
    expect("DeletedDate" in manager.describe_secret(SecretId=NAME), "no date of its deletion is told")
    refused(lambda: manager.get_secret_value(SecretId=NAME), "InvalidRequestException")


def _deleted_write(account: Account) -> None:
    manager = client(account, "secretsmanager")
    manager.create_secret(Name=NAME, SecretString="1")
    manager.delete_secret(SecretId=NAME, RecoveryWindowInDays=7)
    refused(lambda: manager.put_secret_value(SecretId=NAME, SecretString="2"), "InvalidRequestException")


def _deleted_name(account: Account) -> None:
    manager = client(account, "secretsmanager")
    manager.create_secret(Name=NAME, SecretString="1")
    manager.delete_secret(SecretId=NAME, RecoveryWindowInDays=7)
    refused(lambda: manager.create_secret(Name=NAME), "InvalidRequestException")


def _restored(account: Account) -> None:
    manager = client(account, "secretsmanager")
    manager.create_secret(Name=NAME, SecretString="1")
    manager.delete_secret(SecretId=NAME, RecoveryWindowInDays=7)
    manager.restore_secret(SecretId=NAME)
    expect("DeletedDate" not in manager.describe_secret(SecretId=NAME), "it is still marked")
    expect(manager.get_secret_value(SecretId=NAME)["SecretString"] == "1", "another value is read")


def _short_window(account: Account) -> None:
    manager = client(account, "secretsmanager")
    manager.create_secret(Name=NAME)
    codes = ("InvalidParameterException", "ValidationException")
    refused(lambda: manager.delete_secret(SecretId=NAME, RecoveryWindowInDays=6), *codes)


def _at_once(account: Account) -> None:
    manager = client(account, "secretsmanager")
    manager.create_secret(Name=NAME)
    manager.delete_secret(SecretId=NAME, ForceDeleteWithoutRecovery=True)
    expect("ARN" in manager.create_secret(Name=NAME), "the name is not free")


def _policy(account: Account) -> None:
    manager = client(account, "secretsmanager")
    manager.create_secret(Name=NAME)
    root = {"AWS": f"arn:aws:iam::{account.id}:root"}
    statement = {"Effect": "Deny", "Principal": root, "Action": "secretsmanager:DeleteSecret", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    manager.put_resource_policy(SecretId=NAME, ResourcePolicy=json.dumps(document))
    read = manager.get_resource_policy(SecretId=NAME)["ResourcePolicy"]
    expect(json.loads(read) == document, "another one is read")


def _disabled_key(account: Account) -> None:
    manager, kms = client(account, "secretsmanager"), client(account, "kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    manager.create_secret(Name=NAME, SecretString="1", KmsKeyId=key)
    kms.disable_key(KeyId=key)
    refused(lambda: manager.get_secret_value(SecretId=NAME), "DecryptionFailure", "AccessDeniedException")


def _tags(account: Account) -> None:
    manager = client(account, "secretsmanager")
    tags = [{"Key": "Environment", "Value": "dev"}]
    manager.create_secret(Name=NAME, Tags=tags)
    expect(manager.describe_secret(SecretId=NAME)["Tags"] == tags, "others are told")


SECRETS_MANAGER = (
    Behaviour("secrets.shell", "A secret that is created without a value has no version, and reading it is refused.",
              f"{_REFERENCE}, CreateSecret", _shell),
    Behaviour("secrets.key", "The key is told as it was given.", f"{_REFERENCE}, DescribeSecret", _key),
    Behaviour("secrets.name_taken", "A name that is there is refused.", f"{_REFERENCE}, CreateSecret", _name_taken),
    Behaviour("secrets.arn", "The ARN is the name, a hyphen and six characters.", f"{_REFERENCE}, CreateSecret", _arn),
    Behaviour("secrets.rotated", "A new value takes AWSCURRENT, and the one before it AWSPREVIOUS.",
              f"{_GUIDE}, What's in a secret: version", _rotated),
    Behaviour("secrets.kept", "A version without a label is kept for 24 hours at least, and while it is one of the last 100.",
              f"{_REFERENCE}, PutSecretValue", _kept),
    Behaviour("secrets.own_label", "A version can get a label of its own beside AWSCURRENT when it is written.",
              f"{_REFERENCE}, PutSecretValue", _own_label),
    Behaviour("secrets.own_label_stays", "A version with a label of its own stays, whatever is written after it.",
              f"{_GUIDE}, What's in a secret: version", _own_label_stays),
    Behaviour("secrets.label_moves", "AWSCURRENT can be moved back; the version that had it gets AWSPREVIOUS.",
              f"{_REFERENCE}, UpdateSecretVersionStage", _label_moves),
    Behaviour("secrets.token", "The same request again makes nothing new; another value under its token is refused.",
              f"{_REFERENCE}, PutSecretValue", _token),
    Behaviour("secrets.deleted", "In its recovery window a secret cannot be read.",
              f"{_REFERENCE}, DeleteSecret", _deleted),
    Behaviour("secrets.deleted_write", "In its recovery window a secret takes no new value.",
              f"{_REFERENCE}, PutSecretValue", _deleted_write),
    Behaviour("secrets.deleted_name", "In its recovery window a secret holds its name.",
              f"{_REFERENCE}, CreateSecret", _deleted_name),
    Behaviour("secrets.restored", "A restored secret is as it was.", f"{_REFERENCE}, RestoreSecret", _restored),
    Behaviour("secrets.short_window", "A recovery window of less than 7 days is refused.",
              f"{_REFERENCE}, DeleteSecret", _short_window),
    Behaviour("secrets.at_once", "Deleted without recovery, the name is free.",
              f"{_REFERENCE}, DeleteSecret", _at_once),
    Behaviour("secrets.policy", "The resource policy is read as it was written.",
              f"{_REFERENCE}, GetResourcePolicy", _policy),
    Behaviour("secrets.disabled_key", "A secret whose key is disabled cannot be read.",
              f"{_GUIDE}, Secret encryption and decryption", _disabled_key),
    Behaviour("secrets.tags", "Tags are told as they were given.", f"{_REFERENCE}, DescribeSecret", _tags),
)  # fmt: skip
