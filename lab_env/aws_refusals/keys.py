"""What KMS refuses of aliases, of a key in the wrong state, and of rotation periods.

Sources: KMS API Reference, CreateAlias (``AliasName``; NotFoundException) and EnableKeyRotation (``RotationPeriodInDays``); KMS
Developer Guide, "Key states of KMS keys" (the table and its notes 1, 3 and 4).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .model import Call, Question, Refusal, Verdict

_ALIAS = re.compile(r"alias/[a-zA-Z0-9/_-]+")
_LONGEST = 256
_PERIODS = range(90, 2561)
_NOT_DISABLED = frozenset({"EnableKeyRotation", "DisableKeyRotation"})
_NOT_PENDING = _NOT_DISABLED | {
    "CreateAlias",
    "DisableKey",
    "EnableKey",
    "ScheduleKeyDeletion",
    "TagResource",
    "UntagResource",
    "UpdateKeyDescription",
}
STATEFUL = (*sorted(_NOT_PENDING), "CancelKeyDeletion")
"""The calls that want a key in one of its states."""


def refuse_alias(call: Call) -> Refusal | None:
    """``CreateAlias``."""
    name = call.text("AliasName") or ""
    if name.startswith("alias/aws/"):
        return Refusal("NotAuthorizedException", "The alias prefix alias/aws/ is reserved for AWS managed keys.")
    if not name.startswith("alias/"):
        return Refusal("ValidationException", "Alias must start with the prefix alias/.")
    if len(name) > _LONGEST or not _ALIAS.fullmatch(name):
        return Refusal(
            "InvalidAliasNameException",
            f"Alias {name[:_LONGEST]} has other characters than letters, digits, /, _ and -, or more than {_LONGEST}.",
        )
    return None


def refuse_target(call: Call) -> Verdict:
    """``CreateAlias`` of a key that is not there: most often a reference in quotes, whose letters AWS gets."""
    key = call.text("TargetKeyId")
    if key is None:
        return None
    answer = yield Question("kms", "DescribeKey", {"KeyId": key})
    if answer is not None:
        return None
    return Refusal("NotFoundException", f"Invalid keyId '{key[:_LONGEST]}'", settles=True)


def refuse_period(call: Call) -> Refusal | None:
    """``EnableKeyRotation``."""
    days = call.parameters.get("RotationPeriodInDays")
    if not isinstance(days, int) or days in _PERIODS:
        return None
    return Refusal(
        "ValidationException",
        f"1 validation error detected: Value '{days}' at 'rotationPeriodInDays' failed to satisfy constraint: "
        f"Member must have value between {_PERIODS[0]} and {_PERIODS[-1]}",
    )


def refuse_state(call: Call) -> Verdict:
    """Any of the calls in :data:`STATEFUL`."""
    key = call.text("TargetKeyId") or call.text("KeyId")
    if key is None:
        return None
    answer = yield Question("kms", "DescribeKey", {"KeyId": key})
    described = (answer or {}).get("KeyMetadata")
    if not isinstance(described, Mapping):
        return None
    state, arn = described.get("KeyState"), described.get("Arn")
    if call.operation == "CancelKeyDeletion":
        pending = state in ("PendingDeletion", "PendingReplicaDeletion")
        return None if pending else Refusal("KMSInvalidStateException", f"{arn} is not pending deletion.")
    if state == "PendingDeletion":
        return Refusal("KMSInvalidStateException", f"{arn} is pending deletion.")
    if state == "Disabled" and call.operation in _NOT_DISABLED:
        return Refusal("DisabledException", f"{arn} is disabled.")
    return None
