"""Policies as they are written to IAM, KMS and Secrets Manager: their grammar, their length, and whether who they name is there.

Sources: IAM User Guide, "IAM JSON policy elements reference", "IAM and AWS STS quotas" and "Principal" ("you cannot save a policy
that names a user or role that does not exist"); KMS API Reference, CreateKey and PutKeyPolicy (``Policy``); KMS Developer Guide,
"Default key policy" and "Resource quotas"; Secrets Manager API Reference, PutResourcePolicy (``BlockPublicPolicy``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .model import Asking, Call, Question, Refusal, Verdict
from .policy_grammar import Element, GrammarError, PolicyDocument, PolicyKind, Statement, parse_document

_MANAGED_VERSION = "2012-10-17"
_UPDATE = "kms:putkeypolicy"
_WHITESPACE = re.compile(r"\s")
_IAM_PRINCIPAL = re.compile(
    r"arn:aws[a-z-]*:iam::(?P<account>\d{12}):(?:root|(?P<kind>role|user)/(?P<name>.+)|federated-user/.+|saml-provider/.+|oidc-provider/.+)"
)
_STS_PRINCIPAL = re.compile(r"arn:aws[a-z-]*:sts::\d{12}:(?:assumed-role/[^/]+/.+|federated-user/.+|self)")
_UNIQUE_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,}")
_SERVICE = re.compile(r"[a-z0-9][a-z0-9.-]*\.(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.internal)", re.IGNORECASE)


@dataclass(frozen=True)
class _Written:
    """Where a call carries a policy.

    :param longest: in characters; IAM counts no white space.
    :param managed: a managed policy of IAM's.
    """

    parameter: str
    kind: PolicyKind
    longest: int
    managed: bool = False


_POLICIES: Mapping[tuple[str, str], _Written] = {
    ("iam", "CreateRole"): _Written("AssumeRolePolicyDocument", PolicyKind.TRUST, 2048),
    ("iam", "UpdateAssumeRolePolicy"): _Written("PolicyDocument", PolicyKind.TRUST, 2048),
    ("iam", "PutRolePolicy"): _Written("PolicyDocument", PolicyKind.IDENTITY, 10240),
    ("iam", "PutUserPolicy"): _Written("PolicyDocument", PolicyKind.IDENTITY, 2048),
    ("iam", "PutGroupPolicy"): _Written("PolicyDocument", PolicyKind.IDENTITY, 5120),
    ("iam", "CreatePolicy"): _Written("PolicyDocument", PolicyKind.IDENTITY, 6144, managed=True),
    ("iam", "CreatePolicyVersion"): _Written("PolicyDocument", PolicyKind.IDENTITY, 6144, managed=True),
    ("kms", "CreateKey"): _Written("Policy", PolicyKind.KMS, 32768),
    ("kms", "PutKeyPolicy"): _Written("Policy", PolicyKind.KMS, 32768),
    ("secretsmanager", "PutResourcePolicy"): _Written("ResourcePolicy", PolicyKind.SECRET, 20480),
}
CARRYING = tuple(_POLICIES)
"""The calls that write a policy, as (service, operation)."""


def refuse_policy(call: Call) -> Verdict:
    """Any of the calls in :data:`CARRYING`."""
    written = _POLICIES[call.service, call.operation]
    text = call.text(written.parameter)
    if text is None:
        return None
    if (too_long := _too_long(call, written, text)) is not None:
        return too_long
    try:
        document = parse_document(text, kind=written.kind)
    except GrammarError as error:
        return _malformed(call, str(error))
    if written.managed and document.version != _MANAGED_VERSION:
        return _malformed(call, f"A managed policy needs Version {_MANAGED_VERSION}; this one is {document.version}.")
    if written.kind is PolicyKind.IDENTITY:
        return None
    for number, kind, value in _principals(document):
        why = yield from _why_no_principal(call, kind, value)
        if why is not None:
            return _bad_principal(call, f"In statement {number}: {why}", settles=why.endswith(_NOT_THERE))
    if written.kind is PolicyKind.SECRET and call.parameters.get("BlockPublicPolicy") is True:
        return _public(document)
    if written.kind is PolicyKind.KMS and call.parameters.get("BypassPolicyLockoutSafetyCheck") is not True:
        return _lockout(call, document)
    return None


def _too_long(call: Call, written: _Written, text: str) -> Refusal | None:
    length = len(_WHITESPACE.sub("", text)) if call.service == "iam" else len(text)
    if length <= written.longest:
        return None
    said = f"The policy has {length} characters; AWS takes {written.longest}."
    if call.service == "iam":
        return Refusal("LimitExceeded", said, 409)
    return Refusal("LimitExceededException" if call.service == "kms" else "InvalidParameterException", said)


def _malformed(call: Call, said: str, *, settles: bool = False) -> Refusal:
    code = "MalformedPolicyDocument" if call.service == "iam" else "MalformedPolicyDocumentException"
    return Refusal(code, said, settles=settles)


_NOT_THERE = "there is none of that name in the account"


def _bad_principal(call: Call, why: str, *, settles: bool) -> Refusal:
    """With the words by which AWS's clients know that it may settle."""
    words = {
        "iam": "Invalid principal in policy.",
        "kms": "Policy contains a statement with one or more invalid principals.",
        "secretsmanager": "This resource policy contains an unsupported principal.",
    }
    return _malformed(call, f"{words[call.service]} {why}.", settles=settles)


def _principals(document: PolicyDocument) -> Iterator[tuple[int, str, str]]:
    for statement in document.statements:
        for kind, value in statement.principal.entries if statement.principal else ():
            yield statement.number, kind, value


def _why_no_principal(call: Call, kind: str, value: str) -> Asking[str | None]:
    """Why AWS does not take a principal, as a sentence without its full stop; None: it does.

    Who belongs to another account counts as being there.
    """
    if kind == "Service":
        return None if _SERVICE.fullmatch(value) else f'"{value}" is no service principal'
    if kind != "AWS" or value == "*" or re.fullmatch(r"\d{12}", value) or _UNIQUE_ID.fullmatch(value):
        return None
    if _STS_PRINCIPAL.fullmatch(value):
        return None
    found = _IAM_PRINCIPAL.fullmatch(value)
    if found is None:
        return f'"{value}" is no account, role, user or session'
    if found["kind"] is None or found["account"] != call.account:
        return None
    name = found["name"].rpartition("/")[2]
    operation, parameter = ("GetRole", "RoleName") if found["kind"] == "role" else ("GetUser", "UserName")
    there = yield Question("iam", operation, {parameter: name})
    return None if there is not None else f'"{value}" names a {found["kind"]}, and {_NOT_THERE}'


def _public(document: PolicyDocument) -> Refusal | None:
    """``BlockPublicPolicy``: whoever there is, by a wildcard. A condition may narrow that; it is taken to do so."""
    if not any(s.effect == "Allow" and _names(s, {"*"}) and not s.conditions for s in document.statements):
        return None
    return Refusal(
        "PublicPolicyException",
        "The BlockPublicPolicy parameter is set to true, and the resource policy did not prevent broad access to the secret.",
    )


def _lockout(call: Call, document: PolicyDocument) -> Refusal | None:
    """KMS takes no policy under which its author could not write the next one.

    The author is somebody of the account who has his rights from IAM, as administrators have: the policy has to let the account
    decide, or name everybody. Conditions are taken to hold.
    """
    root = {call.account, f"arn:aws:iam::{call.account}:root", "*"}
    named = [s for s in document.statements if _names(s, root) and _covers(s.action, _UPDATE)]
    allowed = any(s.effect == "Allow" and s.resource is not None for s in named)
    denied = any(s.effect == "Deny" and s.resource is not None and not s.conditions for s in named)
    if allowed and not denied:
        return None
    return _malformed(call, "The new key policy will not allow you to update the key policy in the future.")


def _names(statement: Statement, who: set[str]) -> bool:
    principal = statement.principal
    if principal is None:
        return False
    named = any(kind == "AWS" and value in who for kind, value in principal.entries)
    return named != principal.negated


def _covers(action: Element, wanted: str) -> bool:
    return any(_matches(value.lower(), wanted) for value in action.values) != action.negated


def _matches(pattern: str, text: str) -> bool:
    pieces = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in re.sub(r"\*+", "*", pattern))
    return re.fullmatch("".join(pieces), text) is not None
