"""What Secrets Manager refuses: names, a name that is still held, a key that cannot be used, a version that has not the label.

Sources: Secrets Manager API Reference, CreateSecret (``Name``, errors), PutSecretValue and UpdateSecret (EncryptionFailure),
GetSecretValue (``VersionStage``: "If you use both … the two parameters must refer to the same secret version"; DecryptionFailure);
DeleteSecret ("scheduled for deletion"); KMS Developer Guide, "Key states of KMS keys".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .model import Asking, Call, Question, Refusal, Verdict

_NAME = re.compile(r"[A-Za-z0-9/_+=.@!-]+")
_LONGEST_NAME = 512
_UNUSABLE = frozenset({"Disabled", "PendingDeletion", "PendingImport", "Unavailable"})


def refuse_creation(call: Call) -> Verdict:
    """``CreateSecret``."""
    name = call.text("Name") or ""
    if not _NAME.fullmatch(name):
        return Refusal(
            "ValidationException",
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
        )
    if len(name) > _LONGEST_NAME:
        return Refusal("ValidationException", f"Invalid name. A name has {_LONGEST_NAME} characters at most.")
    there = yield Question("secretsmanager", "DescribeSecret", {"SecretId": name})
    if there is not None and there.get("DeletedDate"):
        return Refusal(
            "InvalidRequestException",
            "You can't create this secret because a secret with this name is already scheduled for deletion.",
        )
    if _has_value(call):
        return (yield from _no_encryption(call.text("KmsKeyId")))
    return None


def refuse_new_value(call: Call) -> Verdict:
    """``PutSecretValue`` and ``UpdateSecret``."""
    if not _has_value(call):
        return None
    key = call.text("KmsKeyId") or (yield from _key_of(call))
    return (yield from _no_encryption(key))


def refuse_reading(call: Call) -> Verdict:
    """``GetSecretValue``."""
    version, stage = call.text("VersionId"), call.text("VersionStage")
    secret = None
    if version and stage:
        secret = yield Question("secretsmanager", "DescribeSecret", {"SecretId": call.text("SecretId") or ""})
        versions = (secret or {}).get("VersionIdsToStages") or {}
        if version in versions and stage not in versions[version]:
            return Refusal(
                "ResourceNotFoundException",
                "You provided a VersionStage that is not associated to the provided VersionId.",
            )
    key = str(secret["KmsKeyId"]) if secret and secret.get("KmsKeyId") else (yield from _key_of(call))
    if not (yield from _is_unusable(key)):
        return None
    return Refusal(
        "DecryptionFailure", "Secrets Manager can't decrypt the protected secret text using the provided KMS key."
    )


def _has_value(call: Call) -> bool:
    return bool(call.parameters.get("SecretString") or call.parameters.get("SecretBinary"))


def _key_of(call: Call) -> Asking[str | None]:
    secret: Mapping[str, object] | None
    secret = yield Question("secretsmanager", "DescribeSecret", {"SecretId": call.text("SecretId") or ""})
    key = secret.get("KmsKeyId") if secret is not None else None
    return key if isinstance(key, str) else None


def _no_encryption(key: str | None) -> Verdict:
    if not (yield from _is_unusable(key)):
        return None
    return Refusal(
        "EncryptionFailure",
        "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check that the KMS key is "
        "available, enabled, and not in an invalid state.",
    )


def _is_unusable(key: str | None) -> Asking[bool]:
    """Whether a key is there no more, disabled or waiting for its end; AWS's own key, ``alias/aws/…``, never is."""
    if not key or "alias/aws/" in key:
        return False
    answer = yield Question("kms", "DescribeKey", {"KeyId": key})
    described = (answer or {}).get("KeyMetadata")
    return not isinstance(described, Mapping) or described.get("KeyState") in _UNUSABLE
