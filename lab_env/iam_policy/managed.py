"""The documents of AWS-managed policies that could plausibly be attached in this lesson.

They are AWS's own, with version and date in ``managed_policies.json``. A policy that is not there is unknown, and an
unknown policy never passes a check: long job-function policies (ReadOnlyAccess, SecurityAudit) are left out because a
part of one would be wrong.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources
from typing import Any

from lab_env.iam_policy.document import NamedPolicy, PolicyDocument, PolicyKind, parse_document

_PREFIX = "arn:aws:iam::aws:policy/"


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Any]:
    text = resources.files("lab_env.iam_policy").joinpath("managed_policies.json").read_text(encoding="utf-8")
    shipped: dict[str, Any] = json.loads(text)
    return shipped


def managed_policy(arn: str) -> PolicyDocument | None:
    """The document of an AWS-managed policy, or None when it is not shipped here."""
    entry = _shipped().get(arn.removeprefix(_PREFIX)) if arn.startswith(_PREFIX) else None
    return None if entry is None else parse_document(entry["document"], kind=PolicyKind.IDENTITY)


def is_aws_managed(arn: str) -> bool:
    """Whether the policy is AWS's own."""
    return arn.startswith(_PREFIX)


def managed_policy_text(arn: str) -> str | None:
    """The document of an AWS-managed policy as JSON, or None when it is not shipped here."""
    entry = _shipped().get(arn.removeprefix(_PREFIX)) if is_aws_managed(arn) else None
    return None if entry is None else json.dumps(entry["document"])


def named_managed_policy(arn: str) -> NamedPolicy | None:
    """`managed_policy` under the name that explanations use, such as ``AWS-managed policy PowerUserAccess``."""
    document = managed_policy(arn)
    return None if document is None else NamedPolicy(f"AWS-managed policy {arn.rsplit('/', 1)[-1]}", document)


def managed_policy_version(arn: str) -> tuple[str, str] | None:
    """The shipped document's version and its date, such as ``("v2", "2017-03-07")``."""
    entry = _shipped().get(arn.removeprefix(_PREFIX)) if arn.startswith(_PREFIX) else None
    return None if entry is None else (entry["version"], entry["updated"])


def managed_policy_arns() -> tuple[str, ...]:
    """The ARNs of all shipped policies, sorted."""
    return tuple(sorted(f"{_PREFIX}{name}" for name in _shipped()))
