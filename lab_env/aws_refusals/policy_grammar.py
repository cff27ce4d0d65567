"""Policy documents as AWS reads them: what IAM tolerates is read, what IAM refuses is a `GrammarError`.

Sources: IAM User Guide, "IAM JSON policy elements reference" and "Grammar of the IAM JSON policy language"; for the
kinds of resource policy the guide's "Principal", and the developer guides of KMS ("Key policies") and Secrets Manager.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class GrammarError(ValueError):
    """A policy document that AWS would refuse: the sentence names the statement and the element."""


class PolicyKind(StrEnum):
    """Where a policy is attached; it decides which elements are allowed and how the policy counts."""

    IDENTITY = "identity"
    SECRET = "secret"  # noqa: S105  # the name of a kind
    KMS = "kms"
    TRUST = "trust"


@dataclass(frozen=True)
class Element:
    """``Action`` or ``NotAction``, ``Resource`` or ``NotResource``: the written values, and which of the two."""

    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True)
class PrincipalElement:
    """``Principal`` or ``NotPrincipal`` as (type, value) pairs; a bare ``"*"`` is the same as ``("AWS", "*")``."""

    entries: tuple[tuple[str, str], ...]
    negated: bool = False


@dataclass(frozen=True)
class Condition:
    """One key of a ``Condition`` block: the operator as written, the key as written, the values as strings."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """One statement; ``number`` counts from 1, as people do."""

    number: int
    sid: str | None
    effect: Literal["Allow", "Deny"]
    action: Element
    resource: Element | None
    principal: PrincipalElement | None
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class PolicyDocument:
    """A read document. ``version`` decides whether policy variables are replaced (only ``2012-10-17`` does that)."""

    statements: tuple[Statement, ...]
    version: str = "2008-10-17"


_TOP = frozenset({"Version", "Id", "Statement"})
_ELEMENTS = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)
_PRINCIPAL_TYPES = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})
# IAM wants a service before one colon and takes whatever stands behind it: an action that there is not matches nothing.
_ACTION = re.compile(r"\*|\*:\*|[A-Za-z0-9.-]+:[^:]*")
# "Vendor must be fully qualified": no wildcard in the service segment. The partition may be "*": AmazonMSKFullAccess has it.
_RESOURCE = re.compile(r"\*|arn:(?:aws[a-z-]*|\*):[a-z0-9-]+(?::.*)?", re.DOTALL)
# IAM User Guide, "IAM identifiers": what may stand first in the resource part of IAM's own ARNs.
_IAM_RESOURCES = (
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "sms-mfa/",
    "server-certificate/",
    "policy/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
)
# IAM User Guide, "IAM JSON policy elements: Condition operators"; case does not count.
_OPERATOR = re.compile(
    r"(?:(?:ForAllValues|ForAnyValue):)?(?:Null|(?:"
    r"String(?:Not)?(?:Equals|EqualsIgnoreCase|Like)"
    r"|(?:Numeric|Date)(?:Not)?Equals|(?:Numeric|Date)(?:Less|Greater)Than(?:Equals)?"
    r"|Bool|BinaryEquals|(?:Not)?IpAddress|Arn(?:Not)?(?:Equals|Like)"
    r")(?:IfExists)?)",
    re.IGNORECASE,
)
# The same page: ISO 8601 in W3C's forms, or seconds since 1970.
_DATE = re.compile(
    r"-?\d+(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?)?"
    r"(?:t(?:(?P<hour>\d{1,2})(?::(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:\.\d{1,9})?)?)?)?(?:z|[+-]\d{2}(?::?\d{2})?)?)?",
    re.IGNORECASE,
)
_LAST = {"month": 12, "day": 31, "hour": 23, "minute": 59, "second": 59}
_LAST_SECOND = 2**63 - 1
_IAM_SID = re.compile(r"[A-Za-z0-9]*")


def parse_document(document: str | Mapping[str, object], *, kind: PolicyKind | str | None = None) -> PolicyDocument:
    """Read a policy document, given as JSON text or as parsed JSON.

    Tolerated as AWS does: one statement instead of a list, one string instead of a list, booleans and numbers as
    condition values, a missing ``Version`` (it means ``2008-10-17``).

    :param kind: where it is attached; None checks only what holds everywhere.
    :raises GrammarError: AWS would refuse it.
    """
    parsed = _read_json(document) if isinstance(document, str) else document
    if not isinstance(parsed, Mapping):
        raise _refused("A policy document is not a JSON object.")
    _only(parsed, _TOP, "the document")
    if not isinstance(parsed.get("Id", ""), str):
        raise _refused("The Id of a policy document is not a string.")
    version = parsed.get("Version", "2008-10-17")
    if version not in ("2012-10-17", "2008-10-17"):
        raise _refused(f"Version is {_told(version)}; AWS knows 2012-10-17 and 2008-10-17.")
    written = parsed.get("Statement")
    listed = [written] if isinstance(written, Mapping) else written
    if not isinstance(listed, list | tuple) or not listed:
        raise _refused("A policy document has no Statement.")
    kind = None if kind is None else PolicyKind(kind)
    statements = tuple(_statement(number, item, kind) for number, item in enumerate(listed, start=1))
    sids = [statement.sid for statement in statements if statement.sid]
    twice = sorted(sid for sid, times in Counter(sids).items() if times > 1)
    if twice and kind not in (
        PolicyKind.KMS,
        PolicyKind.SECRET,
    ):  # IAM wants unique ones; of the others nothing is said
        raise _refused(f"The Sid {_told(twice[0])} is used twice; AWS wants each Sid of a policy once.")
    return PolicyDocument(statements, str(version))


def _read_json(text: str) -> object:
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        result: dict[str, object] = {}
        for key, value in pairs:
            if key in result:
                raise _refused(f"The element {_told(key)} stands twice in one object of the policy document.")
            result[key] = value
        return result

    try:
        return json.loads(text, object_pairs_hook=once)
    except (json.JSONDecodeError, RecursionError) as error:
        reason = f" (line {error.lineno}: {error.msg})" if isinstance(error, json.JSONDecodeError) else ""
        raise _refused(f"A policy document is not valid JSON{reason}.") from error


def _statement(number: int, item: object, kind: PolicyKind | None) -> Statement:
    where = f"statement {number}"
    if not isinstance(item, Mapping):
        raise _refused(f"In the policy document {where} is not a JSON object.")
    _only(item, _ELEMENTS, where)
    effect = item.get("Effect")
    if effect != "Allow" and effect != "Deny":
        raise _refused(f"In {where} Effect is {_told(effect)}; AWS knows Allow and Deny.")
    sid = item.get("Sid")
    if sid is not None and not isinstance(sid, str):
        raise _refused(f"In {where} Sid is not a string.")
    if kind is PolicyKind.IDENTITY and sid and not _IAM_SID.fullmatch(sid):
        raise _refused(f"In {where} the Sid {_told(sid)} has characters other than letters and digits.")
    action = _either(item, "Action", where)
    if action is None:
        raise _refused(f"In {where} there is neither Action nor NotAction.")
    for value in action.values:
        if not _ACTION.fullmatch(value):
            raise _refused(f"In {where} the action {_told(value)} is not written service:Action.")
    resource = _either(item, "Resource", where)
    for value in resource.values if resource else ():
        _check_resource(value, where)
    principal = _principal(item, where)
    _fits(kind, where, resource, principal)
    return Statement(number, sid or None, effect, action, resource, principal, _conditions(item, where))


def _check_resource(value: str, where: str) -> None:
    if not _RESOURCE.fullmatch(value):
        raise _refused(f'In {where} the resource {_told(value)} is neither an ARN nor "*".')
    parts = value.split(":", 5)
    if len(parts) < 6:
        if "::" in value:
            raise _refused(f"In {where} the resource {_told(value)} is an incomplete ARN with an empty field.")
        return
    _, _, service, region, _, path = parts
    written = "${" not in value
    if service == "iam" and written and path[:1] != "*" and not path.startswith(_IAM_RESOURCES):
        raise _refused(
            f"In {where} the resource {_told(value)} is none of IAM's: there is user/, role/, policy/ and the like."
        )
    if (
        region.strip("*")
        and written
        and (service == "iam" or (service == "s3" and not path.startswith("accesspoint/")))
    ):
        raise _refused(f"In {where} the resource {_told(value)} has a region, which ARNs of {service} do not have.")


def _fits(kind: PolicyKind | None, where: str, resource: Element | None, principal: PrincipalElement | None) -> None:
    if kind is None:
        return
    if kind is PolicyKind.TRUST:
        if resource is not None:
            raise _refused(f"In {where} of a trust policy there is a Resource; AWS allows none.")
    elif resource is None and kind is not PolicyKind.KMS:  # KMS takes it; the statement is about no key
        raise _refused(f"In {where} there is neither Resource nor NotResource.")
    if kind is PolicyKind.IDENTITY:
        if principal is not None:
            raise _refused(f"In {where} of an identity policy there is a Principal; AWS allows none.")
    elif principal is None:
        raise _refused(f"In {where} there is no Principal; a policy on a resource must name one.")
    elif principal.negated and kind is PolicyKind.TRUST:
        raise _refused(f"In {where} of a trust policy there is NotPrincipal; AWS allows Principal only.")


def _either(item: Mapping[str, object], name: str, where: str) -> Element | None:
    if name in item and f"Not{name}" in item:
        raise _refused(f"In {where} there are both {name} and Not{name}.")
    for key, negated in ((name, False), (f"Not{name}", True)):
        if key in item:
            values = _strings(item[key], f"{key} of {where}", nulls=name == "Resource")
            if not values:
                raise _refused(f"In {where} {key} is empty.")
            return Element(values, negated)
    return None


def _principal(item: Mapping[str, object], where: str) -> PrincipalElement | None:
    if "Principal" in item and "NotPrincipal" in item:
        raise _refused(f"In {where} there are both Principal and NotPrincipal.")
    for key, negated in (("Principal", False), ("NotPrincipal", True)):
        if key not in item:
            continue
        written = item[key]
        if written == "*":
            return PrincipalElement((("AWS", "*"),), negated)
        if not isinstance(written, Mapping) or not written:
            raise _refused(f'In {where} {key} is neither "*" nor an object such as {{"AWS": …}}.')
        entries: list[tuple[str, str]] = []
        for kind, values in written.items():
            if kind not in _PRINCIPAL_TYPES:
                raise _refused(f"In {where} {key} has the type {_told(kind)}; AWS knows AWS, Service, Federated.")
            for value in _strings(values, f"{key} of {where}"):
                if value != "*" and ("*" in value or "?" in value):
                    raise _refused(
                        f'In {where} the principal {_told(value)} has a wildcard; AWS allows only "*" alone.'
                    )
                entries.append((str(kind), value))
        if not entries:
            raise _refused(f"In {where} {key} names nobody.")
        return PrincipalElement(tuple(entries), negated)
    return None


def _conditions(item: Mapping[str, object], where: str) -> tuple[Condition, ...]:
    blocks = item.get("Condition", {})
    if not isinstance(blocks, Mapping):
        raise _refused(f"In {where} Condition is not an object.")
    found: list[Condition] = []
    for operator, keys in blocks.items():
        if not isinstance(keys, Mapping):
            raise _refused(f"In {where} the condition operator {operator} holds no object of keys.")
        if keys and not _OPERATOR.fullmatch(str(operator)):
            raise _refused(f"In {where} the condition operator {operator} is none that IAM knows.")
        for key, values in keys.items():
            texts = _strings(values, f"{operator} {key} of {where}", scalars=True)
            if "Date" in str(operator):
                _check_dates(texts, f"{operator} {key} of {where}")
            found.append(Condition(str(operator), str(key), texts))
    return tuple(found)


def _check_dates(texts: Iterable[str], where: str) -> None:
    for text in texts:
        found = _DATE.fullmatch(text)
        fields = {} if found is None else found.groupdict(default="1")
        late = text.isdecimal() and (len(text) > len(str(_LAST_SECOND)) or int(text) > _LAST_SECOND)
        if found is None or late or any(int(fields[name]) > last for name, last in _LAST.items()):
            raise _refused(
                f"The value {_told(text)} in {where} is no date; AWS knows 2026-01-31T23:59:59Z and seconds since 1970."
            )


def _strings(value: object, where: str, *, scalars: bool = False, nulls: bool = False) -> tuple[str, ...]:
    """:param nulls: leave them out of a list, as IAM does among resources."""
    items: Iterable[object] = value if isinstance(value, list | tuple) else [value]
    result: list[str] = []
    for item in items:
        if nulls and item is None and items is value:
            continue
        if isinstance(item, str):
            result.append(item)
        elif scalars and isinstance(item, bool):
            result.append("true" if item else "false")
        elif scalars and isinstance(item, int | float):
            result.append(str(item))
        else:
            raise _refused(f"A value in {where} is not a string.")
    return tuple(result)


def _only(item: Mapping[str, object], known: frozenset[str], where: str) -> None:
    if unknown := sorted(str(key) for key in item if key not in known):
        raise _refused(f"In {where} there is the element {_told(unknown[0])}, which IAM policies do not have.")


def _refused(message: str) -> GrammarError:
    return GrammarError(message)


def _told(value: object) -> str:
    """What stands in a document, as JSON has it: whoever wrote it knows no Python."""
    return json.dumps(value, ensure_ascii=False, default=str)
