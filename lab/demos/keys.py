"""Envelope encryption by hand, a key that is disabled, and who may use a key: each on real API calls."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lab.demos.module import DemoError, refusal
from lab_env.lesson import STANDARD, Lesson

if TYPE_CHECKING:
    from lab_env.engine import Account

CONTEXT = {"purpose": "lesson"}
_NONCE_BYTES = 12


@dataclass(frozen=True)
class Envelope:
    """What is kept: the encrypted text, and beside it the data key, itself encrypted by the KMS key.

    :param ciphertext: AES-256-GCM of the text, with its 16 bytes of tag.
    :param encrypted_key: KMS's ``CiphertextBlob``; only KMS can make the data key of it again.
    :param key_arn: of the KMS key.
    """

    ciphertext: bytes = field(repr=False)
    nonce: bytes = field(repr=False)
    encrypted_key: bytes = field(repr=False)
    key_arn: str


def seal(kms: Any, text: str, *, lesson: Lesson = STANDARD) -> Envelope:
    """Encrypt a text under a data key of its own. The plain data key lives only in this function.

    :param kms: a client.
    :raises DemoError: there is no such key.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    key = lesson.alias_name("dev")
    try:
        data_key = kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=CONTEXT)
    except kms.exceptions.NotFoundException:
        raise DemoError(
            f"Your account has no key {key}.", next_step="Write kms.tf and let the check pass, then run this again."
        ) from None
    nonce = secrets.token_bytes(_NONCE_BYTES)
    ciphertext = AESGCM(data_key["Plaintext"]).encrypt(nonce, text.encode(), None)
    return Envelope(ciphertext, nonce, data_key["CiphertextBlob"], data_key["KeyId"])


def seal_under_a_new_key(account: Account, *, lesson: Lesson = STANDARD) -> Envelope:
    """Make an envelope in an account without any, under a key that is made for it and has the lesson's alias."""
    from lab_env.engine import sessions

    kms = sessions.client(account, "kms")
    key = kms.create_key(Description="Made for a demonstration")["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=lesson.alias_name("dev"), TargetKeyId=key)
    return seal(kms, "a text", lesson=lesson)


def unseal(kms: Any, envelope: Envelope, *, context: Mapping[str, str] | None = None) -> str:
    """Read the text again: KMS decrypts the data key, the data key decrypts the text.

    :raises botocore.exceptions.ClientError: KMS refuses.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    answer = kms.decrypt(CiphertextBlob=envelope.encrypted_key, EncryptionContext=dict(context or CONTEXT))
    return AESGCM(answer["Plaintext"]).decrypt(envelope.nonce, envelope.ciphertext, None).decode()


@dataclass(frozen=True)
class Material:
    """What KMS tells of a key's material, and what becomes of an envelope when that is renewed.

    :param automatic: automatic rotation is on, every ``days`` days.
    :param refused: the code with which a renewal on demand is refused; None: it was renewed.
    :param same_arn: the key's ARN is the one the envelope was sealed under.
    :param opens: the envelope, which was sealed before, can be opened.
    """

    automatic: bool
    days: int
    refused: str | None
    same_arn: bool
    opens: bool


def material(kms: Any, envelope: Envelope, *, lesson: Lesson = STANDARD) -> Material:
    """Look at the rotation of a key's material, and renew it on demand where the engine can."""
    status = kms.get_key_rotation_status(KeyId=envelope.key_arn)
    refused = refusal(lambda: kms.rotate_key_on_demand(KeyId=envelope.key_arn))
    return Material(
        automatic=bool(status["KeyRotationEnabled"]),
        days=int(status.get("RotationPeriodInDays", 365)),  # the default of EnableKeyRotation
        refused=refused,
        same_arn=kms.describe_key(KeyId=lesson.alias_name("dev"))["KeyMetadata"]["Arn"] == envelope.key_arn,
        opens=refusal(lambda: unseal(kms, envelope)) is None,
    )


def key_of_a_secret(account: Account, key: str | None) -> str | None:
    """Make a secret, under a key or without naming one, and give the key that DescribeSecret tells; the secret is removed again."""
    from lab_env.engine import sessions

    manager = sessions.client(account, "secretsmanager")
    named = {} if key is None else {"KmsKeyId": key}
    made = manager.create_secret(Name=f"lab-demo-{secrets.token_hex(6)}", SecretString="{}", **named)["ARN"]
    try:
        told: str | None = manager.describe_secret(SecretId=made).get("KmsKeyId")
        return told
    finally:
        manager.delete_secret(SecretId=made, ForceDeleteWithoutRecovery=True)


@contextmanager
def disabled(kms: Any, key_arn: str) -> Iterator[None]:
    """Disable the key as long as the block lasts, whatever happens in it."""
    kms.disable_key(KeyId=key_arn)
    try:
        yield
    finally:
        kms.enable_key(KeyId=key_arn)


@dataclass(frozen=True)
class Trial:
    """A role that may do what ``resource`` says, and how KMS answered it. ``refused``: the error code, None is allowed."""

    who: str
    action: str
    refused: str | None


def try_roles(account: Account, envelope: Envelope, *, lesson: Lesson = STANDARD) -> tuple[Trial, ...]:
    """Let four roles, made for this and removed again, ask KMS to open the envelope or to make a new data key."""
    from lab_env.engine import sessions

    kms = sessions.client(account, "kms")
    alias = envelope.key_arn.partition(":key/")[0] + f":{lesson.alias_name('dev')}"
    other = kms.create_key(Description="Made for a demonstration")["KeyMetadata"]
    found = []
    try:
        for who, resource in (
            ("a role without any policy", None),
            ("a role that may kms:Decrypt with your key's ARN", envelope.key_arn),
            ("a role that may kms:Decrypt with your key's alias ARN", alias),
            ("a role that may kms:Decrypt with another key", other["Arn"]),
        ):
            with _role(account, resource) as client:
                found.append(Trial(who, "Decrypt", refusal(lambda client=client: unseal(client, envelope))))  # type: ignore[misc]
                if resource == envelope.key_arn:
                    asked = {"KeyId": envelope.key_arn, "KeySpec": "AES_256"}
                    code = refusal(lambda client=client, asked=asked: client.generate_data_key(**asked))  # type: ignore[misc]
                    found.append(Trial("the same role", "GenerateDataKey", code))
    finally:
        kms.schedule_key_deletion(KeyId=other["KeyId"], PendingWindowInDays=7)
    return tuple(found)


@contextmanager
def _role(account: Account, key: str | None) -> Iterator[Any]:
    """Make a KMS client with the rights of a role that may decrypt with this key, as long as the block lasts."""
    from lab_env.engine import sessions
    from lab_env.engine.probe import assume

    iam, name = sessions.client(account, "iam"), f"lab-demo-{secrets.token_hex(6)}"
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account.id}:root"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust))["Role"]
    try:
        if key is not None:
            allow = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key}
            iam.put_role_policy(RoleName=name, PolicyName="demo", PolicyDocument=_document(allow))
        yield sessions.client(account, "kms", credentials=assume(account, role["Arn"], "demonstration"))
    finally:
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            iam.delete_role_policy(RoleName=name, PolicyName=policy)
        iam.delete_role(RoleName=name)


def _document(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
