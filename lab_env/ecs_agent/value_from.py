"""What ``valueFrom`` of a ``secrets`` entry means to the ECS agent.

Sources: ECS Developer Guide, "Pass Secrets Manager secrets through Amazon ECS environment variables" and API reference
of ``Secret``: for Secrets Manager it is the full ARN, followed by none or by all three of JSON key, version stage and
version id (each may be empty); what is no ARN is the name of a Systems Manager parameter.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lab_env.errors import SubmissionError
from lab_env.text import well_formed


class AgentError(SubmissionError):
    """Why a task does not start, in the words a stopped task shows."""


@dataclass(frozen=True)
class SecretReference:
    """One reference to a secret's value.

    :param secret_id: the secret's ARN, without the extra fields.
    :param json_key: None for the whole value; likewise no stage and no version mean the current one.
    """

    secret_id: str
    json_key: str | None = None
    version_stage: str | None = None
    version_id: str | None = None

    @property
    def region(self) -> str:
        return self.secret_id.split(":")[3]

    @property
    def account(self) -> str:
        return self.secret_id.split(":")[4]

    @property
    def follows_current(self) -> bool:
        """Whether it gives the current value after a rotation: no version id, and no other stage than AWSCURRENT."""
        return not self.version_id and self.version_stage in (None, "AWSCURRENT")


def parse_value_from(text: str) -> SecretReference:
    """Read ``valueFrom`` as the agent does.

    :raises AgentError: it names no secret of Secrets Manager, or has one or two extra fields.
    """
    sections = text.split(":", 5)
    if sections[0] != "arn" or len(sections) < 6:
        raise AgentError(
            f"unable to retrieve secrets from ssm: invalid parameters: {text}: what is not an ARN names a Systems "
            "Manager parameter; a Secrets Manager secret needs its full ARN"
        )
    if sections[2] != "secretsmanager":
        service = "ssm" if sections[2] == "ssm" else "asm"
        raise AgentError(
            f"unable to retrieve secrets from {service}: {text} is not the ARN of a Secrets Manager secret"
        )
    fields = sections[5].split(":")
    if fields[0] == "secret" and len(fields) == 2:
        return SecretReference(text)
    if fields[0] == "secret" and len(fields) == 5:
        return SecretReference(":".join([*sections[:5], *fields[:2]]), *(field or None for field in fields[2:]))
    raise AgentError(
        f"unable to retrieve secret from asm: trying to retrieve secret with value {text} resulted in error: an "
        "invalid ARN format for the AWS Secrets Manager secret was specified: after the ARN there are no extra fields, "
        "or all three of json-key:version-stage:version-id (empty ones, too)"
    )


def extract(secret_string: str | None, reference: SecretReference) -> str:
    """The text that goes into the environment variable.

    :param secret_string: the secret's ``SecretString``; None when it has a binary value only.
    :raises AgentError: a JSON key is asked for and the value is no JSON object or has no such key. It never quotes
        the value.
    :return: well-formed: it can be UTF-8.
    """
    asked = f"unable to retrieve secret from asm: secret {reference.secret_id}"
    if secret_string is None:
        raise AgentError(f"{asked} has no SecretString, and a binary value cannot be injected")
    if not reference.json_key:
        return well_formed(secret_string)
    try:
        document = _document(secret_string)
        found = {key: as_text(value) for key, value in document.items() if key == reference.json_key}
    except (ValueError, RecursionError):
        raise AgentError(
            f"{asked}: the value is not a JSON object, so it has no JSON key {reference.json_key}"
        ) from None
    if not found:
        raise AgentError(
            f"{asked}: retrieved secret from Secrets Manager did not contain json key {reference.json_key}"
        )
    return found[reference.json_key]


def _document(text: str) -> dict[str, Any]:
    """A JSON object as Go's encoding/json reads it into a map, which is stricter than Python's and forgiving elsewhere.

    Sources: RFC 8259 has no NaN and no Infinity; ``json.Unmarshal``: a number that does not fit a float64 is an
    ``UnmarshalTypeError``, half of a surrogate pair becomes U+FFFD, of a key that is there twice the last value counts.

    :raises ValueError: it is no such object.
    """
    document = json.loads(
        text, parse_constant=_refused, parse_float=_float64, parse_int=_float64, object_pairs_hook=_well_formed_keys
    )
    if not isinstance(document, dict):
        raise ValueError("not an object")
    return document


def _refused(constant: str) -> float:
    raise ValueError(constant)


def _float64(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise ValueError("out of range")
    return value


def _well_formed_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {well_formed(key): value for key, value in pairs}


def as_text(value: object) -> str:
    """A JSON value as the agent, a Go program, prints it with ``%v``: every number is a float64 there."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(float(value))
    if isinstance(value, list):
        return f"[{' '.join(map(as_text, value))}]"
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{as_text(value[key])}' for key in sorted(value))}]"
    return well_formed(str(value))


def _number(value: float) -> str:
    """The shortest digits; an exponent below -4 and from 6 on (Go's strconv, format g)."""
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)  # noqa: S101 - JSON as the agent reads it has no NaN and no infinity
    text = "".join(map(str, digits))
    power = len(text) - 1 + exponent
    minus = "-" if sign else ""
    if value and not -4 <= power < 6:
        fraction = f".{text[1:]}" if len(text) > 1 else ""
        return f"{minus}{text[0]}{fraction}e{'-' if power < 0 else '+'}{abs(power):02d}"
    return minus + format(Decimal((0, digits, exponent)), "f")
