"""Secrets Manager: the shell secret, its versions and labels, deletion and its window, the key."""

from __future__ import annotations

import json
import uuid
from typing import Any

from graders.quality.conformance.behaviour import Behaviour, days_from_now, expect, refused
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


def _token_labels(account: Account) -> None:
    manager = client(account, "secretsmanager")
    first = manager.create_secret(Name=NAME, SecretString="1")["VersionId"]
    asked = {"SecretId": NAME, "ClientRequestToken": str(uuid.uuid4()), "SecretString": "2"}
    for _ in range(2):
        manager.put_secret_value(**asked)
    wanted = {first: {"AWSPREVIOUS"}, asked["ClientRequestToken"]: {"AWSCURRENT"}}
    expect(_labels(manager) == wanted, "AWSPREVIOUS is lost")
    manager.put_secret_value(SecretId=NAME, SecretString="3")
    labels = _labels(manager)
    manager.put_secret_value(**asked)
    expect(_labels(manager) == labels, "an earlier request again moves the labels")


def _pending(account: Account) -> None:
    manager = client(account, "secretsmanager")
    first = manager.create_secret(Name=NAME, SecretString="1")["VersionId"]
    second = manager.put_secret_value(SecretId=NAME, SecretString="2", VersionStages=["AWSPENDING"])["VersionId"]
    expect(_labels(manager) == {first: {"AWSCURRENT"}, second: {"AWSPENDING"}}, "the labels are elsewhere")
    expect(manager.get_secret_value(SecretId=NAME)["SecretString"] == "1", "the pending value is read")


def _label_held(account: Account) -> None:
    manager = client(account, "secretsmanager")
    first = manager.create_secret(Name=NAME, SecretString="1")["VersionId"]
    manager.put_secret_value(SecretId=NAME, SecretString="2")
    moved = {"SecretId": NAME, "VersionStage": "AWSCURRENT", "MoveToVersionId": first}
    codes = ("InvalidParameterException", "InvalidRequestException")
    refused(lambda: manager.update_secret_version_stage(**moved), *codes)


def _label_unknown(account: Account) -> None:
    manager = client(account, "secretsmanager")
    manager.create_secret(Name=NAME, SecretString="1")
    refused(lambda: manager.get_secret_value(SecretId=NAME, VersionStage="LESSON"), "ResourceNotFoundException")


def _versions(account: Account) -> None:
    manager = client(account, "secretsmanager")
    manager.create_secret(Name=NAME, SecretString="1")
    for value in ("2", "3"):
        manager.put_secret_value(SecretId=NAME, SecretString=value)
    found = [one["VersionStages"] for one in manager.list_secret_version_ids(SecretId=NAME)["Versions"]]
    expect(sorted(found) == [["AWSCURRENT"], ["AWSPREVIOUS"]], f"{len(found)} are told")


def _binary(account: Account) -> None:
    manager = client(account, "secretsmanager")
    manager.create_secret(Name=NAME, SecretBinary=b"\x00\xff")
    read = manager.get_secret_value(SecretId=NAME)
    expect("SecretString" not in read and read.get("SecretBinary") == b"\x00\xff", "another value is read")


def _update(account: Account) -> None:
    manager = client(account, "secretsmanager")
    key = client(account, "kms").create_key()["KeyMetadata"]["Arn"]
    first = manager.create_secret(Name=NAME, SecretString="1")["VersionId"]
    manager.update_secret(SecretId=NAME, Description="new", KmsKeyId=key)
    told = manager.describe_secret(SecretId=NAME)
    expect((told.get("Description"), told.get("KmsKeyId")) == ("new", key), "others are told")
    expect(_labels(manager) == {first: {"AWSCURRENT"}}, "that makes a version")


def _update_value(account: Account) -> None:
    manager = client(account, "secretsmanager")
    first = manager.create_secret(Name=NAME, SecretString="1")["VersionId"]
    token = str(uuid.uuid4())
    manager.update_secret(SecretId=NAME, SecretString="2", ClientRequestToken=token)
    found = _labels(manager)
    expect(found.pop(first, None) == {"AWSPREVIOUS"}, "the labels are elsewhere")
    expect(list(found.values()) == [{"AWSCURRENT"}], "the labels are elsewhere")
    expect(token in found, "the token is not the new version's id")


def _by_arn(account: Account) -> None:
    manager = client(account, "secretsmanager")
    arn = manager.create_secret(Name=NAME, SecretString="1")["ARN"]
    for known_as in (arn, NAME, arn.rpartition("-")[0]):
        expect(manager.describe_secret(SecretId=known_as)["ARN"] == arn, "another secret is described")


def _unknown(account: Account) -> None:
    manager = client(account, "secretsmanager")
    refused(lambda: manager.describe_secret(SecretId=NAME), "ResourceNotFoundException")
    refused(lambda: manager.get_secret_value(SecretId=NAME), "ResourceNotFoundException")


def _final(account: Account) -> None:
    manager = client(account, "secretsmanager")
    manager.create_secret(Name=NAME)
    days = days_from_now(manager.delete_secret(SecretId=NAME)["DeletionDate"])
    expect(days == 30, f"it is told for {days} days from now")


def _deleted_date(account: Account) -> None:
    manager = client(account, "secretsmanager")
    manager.create_secret(Name=NAME)
    manager.delete_secret(SecretId=NAME, RecoveryWindowInDays=7)
    (listed,) = manager.list_secrets(IncludePlannedDeletion=True)["SecretList"]
    told = (manager.describe_secret(SecretId=NAME)["DeletedDate"], listed["DeletedDate"])
    expect(all(days_from_now(one) == 0 for one in told), "it is the end of the recovery window")


def _deleted_list(account: Account) -> None:
    manager = client(account, "secretsmanager")
    for name in (NAME, "staying"):
        manager.create_secret(Name=name)
    manager.delete_secret(SecretId=NAME, RecoveryWindowInDays=7)
    names = [one["Name"] for one in manager.list_secrets()["SecretList"]]
    expect(names == ["staying"], "the deleted one is listed")
    every = {one["Name"] for one in manager.list_secrets(IncludePlannedDeletion=True)["SecretList"]}
    expect(every == {NAME, "staying"}, "it is not listed when it is asked for")


def _both_windows(account: Account) -> None:
    manager = client(account, "secretsmanager")
    manager.create_secret(Name=NAME)
    asked = {"SecretId": NAME, "ForceDeleteWithoutRecovery": True, "RecoveryWindowInDays": 7}
    refused(lambda: manager.delete_secret(**asked), "InvalidParameterException")


def _no_such_force(account: Account) -> None:
    client(account, "secretsmanager").delete_secret(SecretId=NAME, ForceDeleteWithoutRecovery=True)


def _policy_gone(account: Account) -> None:
    manager = client(account, "secretsmanager")
    manager.create_secret(Name=NAME)
    root = {"AWS": f"arn:aws:iam::{account.id}:root"}
    statement = {"Effect": "Deny", "Principal": root, "Action": "secretsmanager:DeleteSecret", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    manager.put_resource_policy(SecretId=NAME, ResourcePolicy=document)
    manager.delete_resource_policy(SecretId=NAME)
    expect("ResourcePolicy" not in manager.get_resource_policy(SecretId=NAME), "it is still read")


def _untagged(account: Account) -> None:
    manager = client(account, "secretsmanager")
    manager.create_secret(Name=NAME, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}])
    manager.tag_resource(SecretId=NAME, Tags=[{"Key": "b", "Value": "2"}])
    manager.untag_resource(SecretId=NAME, TagKeys=["a"])
    expect(manager.describe_secret(SecretId=NAME)["Tags"] == [{"Key": "b", "Value": "2"}], "others are told")


def _random(account: Account) -> None:
    asked = {"PasswordLength": 40, "ExcludePunctuation": True}
    found = client(account, "secretsmanager").get_random_password(**asked)["RandomPassword"]
    expect(len(found) == 40 and found.isalnum(), "it is of another kind")


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
    Behaviour("secrets.untagged", "A tag is changed by TagResource and taken away by UntagResource.",
              f"{_REFERENCE}, TagResource", _untagged),
    Behaviour("secrets.token_labels", "The same request again moves no label: AWSPREVIOUS stays.",
              f"{_REFERENCE}, PutSecretValue", _token_labels),
    Behaviour("secrets.pending", "A version that is written with AWSPENDING alone is not the current one.",
              f"{_REFERENCE}, PutSecretValue", _pending),
    Behaviour("secrets.label_held", "A label is not moved unless the version that holds it is named.",
              f"{_REFERENCE}, UpdateSecretVersionStage", _label_held),
    Behaviour("secrets.label_unknown", "Reading by a label that no version has is refused.",
              f"{_REFERENCE}, GetSecretValue", _label_unknown),
    Behaviour("secrets.versions", "The versions that have a label are listed, and those without one are not.",
              f"{_REFERENCE}, ListSecretVersionIds", _versions),
    Behaviour("secrets.binary", "A binary value is read as it was written.", f"{_REFERENCE}, GetSecretValue", _binary),
    Behaviour("secrets.update", "Another description or key makes no version.", f"{_REFERENCE}, UpdateSecret", _update),
    Behaviour("secrets.update_value", "UpdateSecret with a value makes a version by the token's name and moves the labels.",
              f"{_REFERENCE}, UpdateSecret", _update_value),
    Behaviour("secrets.by_arn", "A secret is found by its name, its ARN, and its ARN without the six characters.",
              f"{_GUIDE}, Find secrets: partial ARN", _by_arn),
    Behaviour("secrets.unknown", "A secret that is not there is refused.", f"{_REFERENCE}, DescribeSecret", _unknown),
    Behaviour("secrets.final", "A recovery window is 30 days if none is given; DeletionDate is its end.",
              f"{_REFERENCE}, DeleteSecret", _final),
    Behaviour("secrets.deleted_date", "DeletedDate is when the secret was deleted, not when that becomes final.",
              f"{_REFERENCE}, SecretListEntry", _deleted_date),
    Behaviour("secrets.deleted_list", "In its recovery window a secret is not listed unless that is asked for.",
              f"{_REFERENCE}, ListSecrets", _deleted_list),
    Behaviour("secrets.both_windows", "A deletion at once and with a window is refused.",
              f"{_REFERENCE}, DeleteSecret", _both_windows),
    Behaviour("secrets.no_such_force", "Deleting without recovery what is not there is no error.",
              f"{_REFERENCE}, DeleteSecret", _no_such_force),
    Behaviour("secrets.policy_gone", "A deleted resource policy is not read.",
              f"{_REFERENCE}, DeleteResourcePolicy", _policy_gone),
    Behaviour("secrets.random", "A random password has the length and the kinds of characters that are asked for.",
              f"{_REFERENCE}, GetRandomPassword", _random),
)  # fmt: skip
