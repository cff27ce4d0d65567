"""What IAM refuses of roles and attachments: names, and policies of AWS's that there are not.

Sources: IAM API Reference, CreateRole (``RoleName``), PutRolePolicy (``PolicyName``), AttachRolePolicy (NoSuchEntity); AWS Managed
Policy Reference, whose names stand in ``aws_managed_policies.txt``.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from .model import Call, Refusal

_PREFIX = "arn:aws:iam::aws:policy/"
_NAME = re.compile(r"[\w+=,.@-]+", re.ASCII)
_LONGEST = {"RoleName": 64, "PolicyName": 128}


def refuse_names(call: Call) -> Refusal | None:
    """``CreateRole``, ``PutRolePolicy``, ``CreatePolicy``: names of characters or of a length that IAM does not take."""
    for parameter, longest in _LONGEST.items():
        name = call.text(parameter)
        if name is None:
            continue
        if len(name) > longest:
            said = f"Member must have length less than or equal to {longest}"
        elif not _NAME.fullmatch(name):
            said = r"Member must satisfy regular expression pattern: [\w+=,.@-]+"
        else:
            continue
        field = parameter[0].lower() + parameter[1:]
        return Refusal(
            "ValidationError",
            f"1 validation error detected: Value at '{field}' failed to satisfy constraint: {said}",
        )
    return None


def refuse_attachment(call: Call) -> Refusal | None:
    """``AttachRolePolicy`` and the boundary of a role: a policy of AWS's that there is not."""
    arn = call.text("PolicyArn") or call.text("PermissionsBoundary") or ""
    if not arn.startswith(_PREFIX) or arn.removeprefix(_PREFIX) in aws_managed_policies():
        return None
    return Refusal("NoSuchEntity", f"Policy {arn} does not exist or is not attachable.", 404)


@cache
def aws_managed_policies() -> frozenset[str]:
    """What stands behind ``arn:aws:iam::aws:policy/`` in the ARN of each of AWS's policies: a name, some with a path."""
    text = resources.files(__package__).joinpath("aws_managed_policies.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))
