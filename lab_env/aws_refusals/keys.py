"""What KMS refuses of aliases (KMS API Reference, CreateAlias, ``AliasName``)."""

from __future__ import annotations

import re

from .model import Call, Refusal

_ALIAS = re.compile(r"alias/[a-zA-Z0-9/_-]+")
_LONGEST = 256


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
