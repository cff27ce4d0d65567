"""Who asks, and whether a statement's ``Principal`` or ``NotPrincipal`` means them.

Sources: IAM User Guide, "AWS JSON policy elements: Principal" and "NotPrincipal"; "Policy evaluation logic".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from lab_env.iam_policy.document import PrincipalElement
from lab_env.iam_policy.keys import PRINCIPAL_TAGS
from lab_env.iam_policy.truth import FALSE, TRUE, Truth, unknown

_ACCOUNT = re.compile(r"(?:arn:aws[a-z-]*:iam::)?(\d{12})(?::root)?")
_UNIQUE_ID = re.compile(r"A[A-Z0-9]{15,}")


@dataclass(frozen=True)
class Principal:
    """Who makes a request.

    :param arn: a session's ``arn:aws:sts::…:assumed-role/NAME/SESSION``, a user's or root's ARN; a service's name.
    :param account: 12 digits; "" for a service.
    :param role_arn: of a session: the role's ARN with its path.
    :param service: of a service: its name, such as ``ecs-tasks.amazonaws.com``.
    :param tags: the role's or user's tags as pairs; None when they are not known, so that a condition on
        ``aws:PrincipalTag/…`` is undetermined.
    """

    arn: str
    kind: Literal["session", "user", "root", "service"]
    account: str
    role_arn: str | None = None
    service: str | None = None
    tags: tuple[tuple[str, str], ...] | None = None

    @classmethod
    def session(
        cls, role_arn: str, session_name: str = "session", *, tags: Mapping[str, str] | None = None
    ) -> Principal:
        """A session of a role."""
        partition, account, name = role_arn.split(":")[1], role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
        arn = f"arn:{partition}:sts::{account}:assumed-role/{name}/{session_name}"
        return cls(arn, "session", account, role_arn, tags=_pairs(tags))

    @classmethod
    def user(cls, arn: str, *, tags: Mapping[str, str] | None = None) -> Principal:
        """An IAM user."""
        return cls(arn, "user", arn.split(":")[4], tags=_pairs(tags))

    @classmethod
    def root(cls, account: str) -> Principal:
        """The account's root user, which no identity policy limits."""
        return cls(f"arn:aws:iam::{account}:root", "root", account)

    @classmethod
    def of_service(cls, service: str) -> Principal:
        """An AWS service acting for itself, such as ECS when it assumes a role."""
        return cls(service, "service", "", service=service)

    @property
    def context(self) -> dict[str, str]:
        """The condition keys that follow from who it is, in lower case (for a session, PrincipalArn is its role)."""
        if self.service is not None:
            return {"aws:principalisawsservice": "true", "aws:principalservicename": self.service}
        keys = {
            "aws:principalarn": self.role_arn or self.arn,
            "aws:principalaccount": self.account,
            "aws:principalisawsservice": "false",
            "aws:principaltype": {"session": "AssumedRole", "user": "User", "root": "Account"}[self.kind],
        }
        if self.kind == "user":
            keys["aws:username"] = self.arn.rsplit("/", 1)[-1]
        elif self.kind == "session":
            keys["aws:multifactorauthpresent"] = "false"
        return keys | {f"{PRINCIPAL_TAGS}{key.lower()}": value for key, value in self.tags or ()}

    @property
    def unknown(self) -> tuple[str, ...]:
        """Beginnings of the condition keys about which who it is says nothing (lower case)."""
        if self.kind not in ("session", "user"):
            return ()
        tags = (PRINCIPAL_TAGS,) if self.tags is None else ()
        return (*tags, "aws:tokenissuetime") if self.kind == "session" else tags


def _pairs(tags: Mapping[str, str] | None) -> tuple[tuple[str, str], ...] | None:
    return None if tags is None else tuple(sorted(tags.items()))


class Naming(IntEnum):
    """How a statement means a principal; it decides what an Allow in a resource policy is worth."""

    NOT = 0
    ACCOUNT = 1
    """Only through its account: the right is delegated to the account's identity policies."""
    ROLE = 2
    """By its role: it allows by itself, within a permissions boundary."""
    EVERYBODY = 3
    """By ``*``: it allows by itself; what a boundary does to it, AWS tells only of ``*`` with ``aws:PrincipalArn``."""
    SELF = 4
    """By the user's or the session's own ARN: it allows by itself, and a boundary does not narrow it."""


def named(
    element: PrincipalElement, principal: Principal, *, deny: bool, bounded: bool = False
) -> tuple[Naming, Truth]:
    """How, and whether, the element means the principal.

    :param bounded: it has a permissions boundary. A Deny with ``NotPrincipal`` always denies it then, whomever it lists
        (IAM User Guide, "AWS JSON policy elements: NotPrincipal",
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html).
    """
    if element.negated:
        return Naming.ROLE, TRUE if deny and bounded else _spared(element, principal, deny=deny)
    best, doubt = Naming.NOT, FALSE
    for kind, value in element.entries:
        if kind == "AWS" and _UNIQUE_ID.fullmatch(value):
            doubt = unknown(f"principal id {value}")
        best = max(best, _naming(kind, value, principal))
    if best is Naming.NOT and doubt is not FALSE and principal.kind in ("session", "user"):
        return Naming.ROLE, doubt
    return best, TRUE if best else FALSE


def _naming(kind: str, value: str, principal: Principal) -> Naming:
    if kind == "AWS" and value == "*":
        return Naming.EVERYBODY
    if principal.service is not None:
        return Naming.SELF if kind == "Service" and value.lower() == principal.service.lower() else Naming.NOT
    if kind != "AWS":
        return Naming.NOT
    if (account := _ACCOUNT.fullmatch(value)) is not None:
        return Naming.ACCOUNT if account.group(1) == principal.account else Naming.NOT
    if value == principal.arn:
        return Naming.SELF
    return Naming.ROLE if value == principal.role_arn else Naming.NOT


def _spared(element: PrincipalElement, principal: Principal, *, deny: bool) -> Truth:
    """Whether ``NotPrincipal`` leaves the principal in the statement's reach (it lists those who are not).

    With Deny, AWS asks for the account, the role and the session, or the account and the user, to be listed, and says
    only that a shorter list "might" deny them: then it is unknown.
    """
    found = {_naming(kind, value, principal) for kind, value in element.entries} - {Naming.NOT}
    if not found:
        return TRUE
    wanted = {Naming.ACCOUNT, Naming.SELF} | ({Naming.ROLE} if principal.role_arn else set())
    starred = ("AWS", "*") in element.entries
    if principal.service is not None or principal.kind == "root" or starred or wanted <= found:
        return FALSE
    if deny:
        return unknown("NotPrincipal that does not list account, role and session together")
    return unknown("NotPrincipal with Allow that lists only a part of account, role and session")
