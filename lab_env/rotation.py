"""A rotation out of band: what a person does in the console, or a rotation function does at night."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PASSWORD_LENGTH = 32
_ALPHABET = string.ascii_letters + string.digits + "!#%*+-=?@^_~"


@dataclass(frozen=True)
class Rotated:
    """A new version of a secret.

    :param password: kept in memory only, never shown and never written into evidence.
    """

    version: str
    password: str = field(repr=False)


def rotate_password(manager: Any, secret: str, beside: Mapping[str, object]) -> Rotated:
    """Put one new version with a random password of ``PASSWORD_LENGTH`` characters.

    :param manager: a Secrets Manager client.
    :param secret: its name or ARN.
    :param beside: what else the value has; its own password is replaced.
    """
    password = "".join(secrets.choice(_ALPHABET) for _ in range(PASSWORD_LENGTH))
    answer = manager.put_secret_value(SecretId=secret, SecretString=json.dumps({**beside, "password": password}))
    return Rotated(answer["VersionId"], password)


def json_value(answer: Mapping[str, Any]) -> dict[str, Any] | None:
    """Read the JSON object that GetSecretValue answered; None when the value is something else."""
    try:
        value = json.loads(answer.get("SecretString", ""))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
