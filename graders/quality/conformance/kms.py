"""KMS: the customer-managed key, its alias, its policy, what a disabled key does."""

from __future__ import annotations

import json
from typing import Any

from graders.quality.conformance.behaviour import Behaviour, days_from_now, expect, refused
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


def _unknown(account: Account) -> None:
    refused(lambda: client(account, "kms").describe_key(KeyId=ALIAS), "NotFoundException")


def _final(account: Account) -> None:
    kms = client(account, "kms")
    key = _key(kms)
    told = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)["DeletionDate"]
    expect(days_from_now(told) == 7, f"it is told for {days_from_now(told)} days from now")
    again = kms.describe_key(KeyId=key)["KeyMetadata"].get("DeletionDate")
    expect(again is not None and abs((again - told).total_seconds()) < 1, "DescribeKey tells another one")


def _alias_gone(account: Account) -> None:
    kms = client(account, "kms")
    kms.create_alias(AliasName=ALIAS, TargetKeyId=_key(kms))
    kms.delete_alias(AliasName=ALIAS)
    refused(lambda: kms.describe_key(KeyId=ALIAS), "NotFoundException")
    refused(lambda: kms.delete_alias(AliasName=ALIAS), "NotFoundException")


def _aliases(account: Account) -> None:
    kms = client(account, "kms")
    keys = [_key(kms), _key(kms)]
    for number, key in enumerate(keys):
        kms.create_alias(AliasName=f"{ALIAS}-{number}", TargetKeyId=key)
    found = [(one["AliasName"], one.get("TargetKeyId")) for one in kms.list_aliases(KeyId=keys[1])["Aliases"]]
    expect(found == [(f"{ALIAS}-1", keys[1])], f"{len(found)} are told")


def _by_alias(account: Account) -> None:
    kms = client(account, "kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName=ALIAS, TargetKeyId=arn)
    expect(kms.encrypt(KeyId=ALIAS, Plaintext=b"text")["KeyId"] == arn, "another name is told")


def _other_key(account: Account) -> None:
    kms = client(account, "kms")
    blob = kms.encrypt(KeyId=_key(kms), Plaintext=b"text")["CiphertextBlob"]
    other = _key(kms)
    refused(lambda: kms.decrypt(CiphertextBlob=blob, KeyId=other), "IncorrectKeyException")


def _new_policy(account: Account) -> None:
    kms = client(account, "kms")
    key = _key(kms)
    root = {"AWS": f"arn:aws:iam::{account.id}:root"}
    statement = {"Sid": "Mine", "Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(document))
    expect(json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]) == document, "another one is read")


def _description(account: Account) -> None:
    kms = client(account, "kms")
    key = _key(kms, Description="first")
    kms.update_key_description(KeyId=key, Description="second")
    told = kms.describe_key(KeyId=key)["KeyMetadata"]["Description"]
    expect(told == "second", "the first one is told")


def _untagged(account: Account) -> None:
    kms = client(account, "kms")
    key = _key(kms, Tags=[{"TagKey": "a", "TagValue": "1"}, {"TagKey": "b", "TagValue": "1"}])
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "b", "TagValue": "2"}])
    kms.untag_resource(KeyId=key, TagKeys=["a"])
    expect(kms.list_resource_tags(KeyId=key)["Tags"] == [{"TagKey": "b", "TagValue": "2"}], "others are told")


def _rotation_off(account: Account) -> None:
    kms = client(account, "kms")
    key = _key(kms)
    kms.enable_key_rotation(KeyId=key)
    told = kms.get_key_rotation_status(KeyId=key)
    expect(told.get("RotationPeriodInDays") == 365, "another period is told")
    kms.disable_key_rotation(KeyId=key)
    expect(not kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"], "it stays on")


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
    Behaviour("kms.untagged", "A tag is changed by TagResource and taken away by UntagResource.",
              f"{_REFERENCE}, TagResource", _untagged),
    Behaviour("kms.unknown", "A key that is not there is refused.", f"{_REFERENCE}, DescribeKey", _unknown),
    Behaviour("kms.final", "A deletion is told with its day, which is the end of the waiting period.",
              f"{_REFERENCE}, ScheduleKeyDeletion", _final),
    Behaviour("kms.alias_gone", "A deleted alias means nothing, and is not deleted twice.",
              f"{_REFERENCE}, DeleteAlias", _alias_gone),
    Behaviour("kms.aliases", "The aliases of one key are listed by its id.", f"{_REFERENCE}, ListAliases", _aliases),
    Behaviour("kms.by_alias", "What encrypts by an alias is told as the key's ARN.",
              f"{_REFERENCE}, Encrypt", _by_alias),
    Behaviour("kms.other_key", "Decrypting with another key than the text was encrypted with is refused.",
              f"{_REFERENCE}, Decrypt", _other_key),
    Behaviour("kms.new_policy", "A key policy is replaced by PutKeyPolicy.",
              f"{_REFERENCE}, PutKeyPolicy", _new_policy),
    Behaviour("kms.description", "A description is replaced by UpdateKeyDescription.",
              f"{_REFERENCE}, UpdateKeyDescription", _description),
    Behaviour("kms.rotation_off", "A key rotates every 365 days if no period is given, and no more when that is disabled.",
              f"{_REFERENCE}, EnableKeyRotation", _rotation_off),
)  # fmt: skip
