"""Mends what the engine's KMS makes of an encryption context in a policy, and of a key that did not encrypt.

* A condition on ``kms:EncryptionContext:NAME`` or ``kms:EncryptionContextKeys`` is about the encryption context of the request
  (KMS Developer Guide, "AWS KMS condition keys"). MiniStack knows neither key, so that a role which may decrypt for one context is
  denied that one.
* Decrypt with another key than the one that encrypted is refused (KMS API Reference, Decrypt, ``KeyId``: IncorrectKeyException).
  MiniStack decrypts with the wrong one and gives what comes out of it.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any

_CONTEXTUAL = frozenset(
    {
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
    }
)
_ID_LENGTH = 36
"""Of the key's id, with which MiniStack begins what it encrypts."""


def condition_keys(action: str, body: bytes) -> dict[str, Any]:
    """What a request tells of its encryption context, by condition key; nothing where there is none."""
    if action not in _CONTEXTUAL:
        return {}
    try:
        context = json.loads(body).get("EncryptionContext")
    except (ValueError, RecursionError, AttributeError):
        return {}
    if not isinstance(context, Mapping) or not context:
        return {}
    return {
        "kms:EncryptionContextKeys": list(context),
        **{f"kms:EncryptionContext:{name}".lower(): str(value) for name, value in context.items()},
    }


def encrypted_by(blob: object) -> str | None:
    """The id with which an encrypted text begins; None: it cannot be read."""
    try:
        return base64.b64decode(str(blob))[:_ID_LENGTH].decode("ascii")
    except (binascii.Error, ValueError):
        return None


def mend_kms() -> None:
    """Make the engine do so. There is no setting for that, hence the pinned ministack."""
    from ministack.core import iam_actions
    from ministack.core.responses import error_response_json
    from ministack.services import kms

    of_tags: Callable[[str, str, bytes, dict[str, Any]], dict[str, Any]] = iam_actions.request_tag_context
    decrypt: Callable[[dict[str, Any]], Any] = kms._decrypt
    resolve: Callable[[str], dict[str, Any] | None] = kms._resolve_key

    def with_encryption_context(service: str, action: str, body: bytes, params: dict[str, Any]) -> dict[str, Any]:
        return {**of_tags(service, action, body, params), **condition_keys(action, body)}

    def decrypt_with_its_own(parameters: dict[str, Any]) -> Any:
        named = resolve(parameters.get("KeyId") or "")
        own = resolve(encrypted_by(parameters.get("CiphertextBlob")) or "")
        if named and own and named["KeyId"] != own["KeyId"]:
            said = "The key ID in the request does not identify a CMK that can perform this operation."
            return error_response_json("IncorrectKeyException", said, 400)
        return decrypt(parameters)

    vars(iam_actions)["request_tag_context"] = with_encryption_context
    vars(kms)["_decrypt"] = decrypt_with_its_own
