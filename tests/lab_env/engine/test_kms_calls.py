"""Key states, encryption contexts and the key that decrypts, on the embedded engine as on AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab_env.engine import Account, sessions
from lab_env.engine.kms_calls import condition_keys, encrypted_by
from lab_env.engine.probe import assume


def test_key_that_is_to_be_deleted(account: Account) -> None:
    """Is EnableKey of a key that is pending deletion refused, with the deletion still on its way?"""
    kms = sessions.client(account, "kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    with pytest.raises(ClientError, match=r"KMSInvalidStateException.*is pending deletion\."):
        kms.enable_key(KeyId=key)
    found = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert found["KeyState"] == "PendingDeletion"
    assert "DeletionDate" in found
    kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"


def test_another_key_decrypts_nothing(account: Account) -> None:
    """Is a text that one key encrypted refused to another one, and given to its own by id, ARN and alias?"""
    kms = sessions.client(account, "kms")
    own, other = (kms.create_key()["KeyMetadata"] for _ in range(2))
    kms.create_alias(AliasName="alias/own", TargetKeyId=own["KeyId"])
    blob = kms.encrypt(KeyId=own["KeyId"], Plaintext=b"text")["CiphertextBlob"]
    with pytest.raises(ClientError, match="IncorrectKeyException"):
        kms.decrypt(CiphertextBlob=blob, KeyId=other["KeyId"])
    for name in (own["KeyId"], own["Arn"], "alias/own"):
        assert kms.decrypt(CiphertextBlob=blob, KeyId=name)["Plaintext"] == b"text"


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ({"StringEquals": {"kms:EncryptionContext:App": "orders"}}, True),
        ({"StringLike": {"kms:EncryptionContext:App": "ord*"}}, True),
        ({"StringEquals": {"kms:EncryptionContext:App": "invoices"}}, False),
        ({"StringEquals": {"kms:EncryptionContext:Stage": "dev"}}, False),
        ({"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "App"}}, True),
        ({"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": "Stage"}}, False),
    ],
)
def test_condition_on_the_encryption_context(account: Account, condition: dict[str, Any], allowed: bool) -> None:
    """Does a role decrypt where its policy's condition on the encryption context holds, and nowhere else?"""
    kms, iam = (sessions.client(account, name) for name in ("kms", "iam"))
    key = kms.create_key()["KeyMetadata"]["Arn"]
    asked = {"EncryptionContext": {"App": "orders"}}
    asked["CiphertextBlob"] = kms.encrypt(KeyId=key, Plaintext=b"text", **asked)["CiphertextBlob"]
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account.id}:root"}, "Action": "sts:AssumeRole"}
    right = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key, "Condition": condition}
    documents = [json.dumps({"Version": "2012-10-17", "Statement": [one]}) for one in (trust, right)]
    role = iam.create_role(RoleName="app", AssumeRolePolicyDocument=documents[0])["Role"]["Arn"]
    iam.put_role_policy(RoleName="app", PolicyName="right", PolicyDocument=documents[1])
    mine = sessions.client(account, "kms", credentials=assume(account, role, "lesson"))
    if allowed:
        assert mine.decrypt(**asked)["Plaintext"] == b"text"
    else:
        with pytest.raises(ClientError, match="AccessDenied"):
            mine.decrypt(**asked)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"EncryptionContext": []}', b'{"EncryptionContext": {}}'])
def test_request_without_a_context(body: bytes) -> None:
    """Does a request without an encryption context, or one that cannot be read, tell no condition key?"""
    assert condition_keys("kms:Decrypt", body) == {}


def test_context_of_another_action() -> None:
    """Is what looks like a context ignored where KMS takes none?"""
    assert condition_keys("secretsmanager:PutSecretValue", b'{"EncryptionContext": {"a": "b"}}') == {}


@pytest.mark.parametrize("blob", [None, "%%%", "gA==", 7])
def test_text_that_no_key_encrypted(blob: object) -> None:
    """Is what is no encrypted text no error, so that the engine refuses it itself?"""
    assert encrypted_by(blob) in (None, "")
