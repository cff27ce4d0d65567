"""KMS: the customer-managed key, its alias, its policy, what a disabled key does."""

from __future__ import annotations

import json
from typing import Any

from graders.quality.conformance.behaviour import Behaviour, expect, refused
from lab_env.engine.model import Account
from lab_env.engine.sessions import client

_REFERENCE = "KMS API Reference"
_GUIDE = "KMS Developer Guide"
ALIAS = "alias/lesson"


def _key(kms: Any, **more: Any) -> str:
    return str(kms.create_key(**more)["KeyMetadata"]["KeyId"])


def _new_key(account: Account) -> None:
    found = client(account, "kms").create_key(Description="lesson")["KeyMetadata"]
    said = (found["KeyState"], found["KeySpec"], found["KeyUsage"], found["KeyManager"])
    expect(said == ("Enabled", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "CUSTOMER"), f"it is {', '.join(said)}")


def _rotation(account: Account) -> None:
    kms = client(account, "kms")
    key = _key(kms)
    expect(not kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"], "a new key rotates already")
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
    told = kms.get_key_rotation_status(KeyId=key)
    expect(told["KeyRotationEnabled"], "it stays off")
    expect(told.get("RotationPeriodInDays") == 180, "the period is not told")


def _policy(account: Account) -> None:
    kms = client(account, "kms")
    root = f"arn:aws:iam::{account.id}:root"
    statement = {"Sid": "Root", "Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    key = _key(kms, Policy=json.dumps(document))
    expect(json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]) == document, "another one is read")


def _default_policy(account: Account) -> None:
    kms = client(account, "kms")
    found = json.loads(kms.get_key_policy(KeyId=_key(kms), PolicyName="default")["Policy"])
    root = f"arn:aws:iam::{account.id}:root"
    allowed = [one for one in found["Statement"] if one.get("Principal") == {"AWS": root} and one["Action"] == "kms:*"]
    expect(bool(allowed), "the account is not named in it")


def _alias(account: Account) -> None:
    kms = client(account, "kms")
    first, second = _key(kms), _key(kms)
    kms.create_alias(AliasName=ALIAS, TargetKeyId=first)
    expect(kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["KeyId"] == first, "another key is described")
    kms.update_alias(AliasName=ALIAS, TargetKeyId=second)
    expect(kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["KeyId"] == second, "it still means the first key")


def _alias_prefix(account: Account) -> None:
    kms = client(account, "kms")
    key = _key(kms)
    refused(lambda: kms.create_alias(AliasName="lesson", TargetKeyId=key), "ValidationException")


def _alias_taken(account: Account) -> None:
    kms = client(account, "kms")
    key = _key(kms)
    kms.create_alias(AliasName=ALIAS, TargetKeyId=key)
    refused(lambda: kms.create_alias(AliasName=ALIAS, TargetKeyId=key), "AlreadyExistsException")


def _envelope(account: Account) -> None:
    kms = client(account, "kms")
    made = kms.generate_data_key(KeyId=_key(kms), KeySpec="AES_256", EncryptionContext={"a": "b"})
    expect(len(made["Plaintext"]) == 32, f"the data key has {len(made['Plaintext'])} bytes")
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext={"a": "b"})
    expect(opened["Plaintext"] == made["Plaintext"], "another data key comes back")


def _context(account: Account) -> None:
    kms = client(account, "kms")
    made = kms.encrypt(KeyId=_key(kms), Plaintext=b"text", EncryptionContext={"a": "b"})
    asked = {"CiphertextBlob": made["CiphertextBlob"], "EncryptionContext": {"a": "c"}}
    refused(lambda: kms.decrypt(**asked), "InvalidCiphertextException")


def _disabled(account: Account) -> None:
    kms = client(account, "kms")
    key = _key(kms)
    made = kms.encrypt(KeyId=key, Plaintext=b"text")
    kms.disable_key(KeyId=key)
    refused(lambda: kms.decrypt(CiphertextBlob=made["CiphertextBlob"]), "DisabledException")
    kms.enable_key(KeyId=key)
    expect(kms.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"] == b"text", "it stays refused when enabled")


def _deletion(account: Account) -> None:
    kms = client(account, "kms")
    key = _key(kms)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    expect(kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion", "it is not pending")
    refused(lambda: kms.encrypt(KeyId=key, Plaintext=b"text"), "KMSInvalidStateException")
    kms.cancel_key_deletion(KeyId=key)
    state = kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    expect(state == "Disabled", f"after a cancelled deletion it is {state}")


def _window(account: Account) -> None:
    kms = client(account, "kms")
    key = _key(kms)
    refused(lambda: kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=6), "ValidationException")


def _tags(account: Account) -> None:
    kms = client(account, "kms")
    tags = [{"TagKey": "Environment", "TagValue": "dev"}]
    expect(kms.list_resource_tags(KeyId=_key(kms, Tags=tags))["Tags"] == tags, "others are told")


KMS = (
    Behaviour("kms.new_key", "A new key is enabled, symmetric, for encryption, and the customer's.",
              f"{_REFERENCE}, CreateKey", _new_key),
    Behaviour("kms.rotation", "A key does not rotate until it is told to; then its period in days is told.",
              f"{_REFERENCE}, EnableKeyRotation", _rotation),
    Behaviour("kms.policy", "The key policy is read as it was written.", f"{_REFERENCE}, GetKeyPolicy", _policy),
    Behaviour("kms.default_policy", "Without a policy the account is allowed everything, so that IAM policies decide.",
              f"{_GUIDE}, Default key policy", _default_policy),
    Behaviour("kms.alias", "An alias means its key, and another one after UpdateAlias.", f"{_GUIDE}, Aliases", _alias),
    Behaviour("kms.alias_prefix", "An alias whose name does not begin with `alias/` is refused.",
              f"{_REFERENCE}, CreateAlias", _alias_prefix),
    Behaviour("kms.alias_taken", "An alias that is there is refused.", f"{_REFERENCE}, CreateAlias", _alias_taken),
    Behaviour("kms.envelope", "A data key comes in the clear and encrypted, and is decrypted to the same.",
              f"{_GUIDE}, Data keys", _envelope),
    Behaviour("kms.context", "Decrypting under another encryption context is refused.",
              f"{_GUIDE}, Encryption context", _context),
    Behaviour("kms.disabled", "A disabled key decrypts nothing, and again when it is enabled.",
              f"{_GUIDE}, Key states", _disabled),
    Behaviour("kms.deletion", "A key that is to be deleted encrypts nothing; when that is cancelled it is disabled.",
              f"{_GUIDE}, Deleting keys", _deletion),
    Behaviour("kms.window", "A waiting period of less than 7 days is refused.",
              f"{_REFERENCE}, ScheduleKeyDeletion", _window),
    Behaviour("kms.tags", "Tags are told as they were given.", f"{_REFERENCE}, ListResourceTags", _tags),
)  # fmt: skip
