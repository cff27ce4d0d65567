"""Policy documents under the names that explanations use; how they are written is :mod:`lab_env.aws_refusals.policy_grammar`'s."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lab_env.aws_refusals.policy_grammar import (
    Condition,
    Element,
    GrammarError,
    PolicyDocument,
    PolicyKind,
    PrincipalElement,
    Statement,
)
from lab_env.aws_refusals.policy_grammar import parse_document as _parse
from lab_env.errors import SubmissionError


class PolicySyntaxError(SubmissionError):
    """A policy document that AWS would refuse: the sentence names the statement and the element."""


@dataclass(frozen=True)
class NamedPolicy:
    """A document with the name that explanations use, such as ``role policy "read-secret"``."""

    name: str
    document: PolicyDocument
    kind: PolicyKind = PolicyKind.IDENTITY

    def where(self, statement: Statement) -> str:
        """``policy X, statement 2 (Sid Read)``."""
        sid = f" (Sid {statement.sid})" if statement.sid else ""
        return f"{self.name}, statement {statement.number}{sid}"

    def about_nothing(self, statement: Statement) -> bool:
        """Whether a statement of a key policy has no Resource: KMS takes it, and it applies to no key (KMS Developer Guide,
        "Elements in a key policy")."""
        return self.kind is PolicyKind.KMS and statement.resource is None


@dataclass(frozen=True)
class UnknownPolicy:
    """A policy whose text is not to be had: what it may deny is not known, so nothing that it limits is certain."""

    name: str


def default_key_policy(account: str) -> NamedPolicy:
    """The policy that a key has when none is given: its account, and nobody besides (KMS Developer Guide, "Default key policy")."""
    root = {"AWS": f"arn:aws:iam::{account}:root"}
    statement = {"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return named_policy("the key's default policy", document, PolicyKind.KMS)


def named_policy(
    name: str, document: str | Mapping[str, object], kind: PolicyKind | str = PolicyKind.IDENTITY
) -> NamedPolicy:
    """Read ``document`` as a policy of ``kind`` under a name for explanations.

    :raises PolicySyntaxError: AWS would refuse it.
    """
    kind = PolicyKind(kind)
    try:
        return NamedPolicy(name, parse_document(document, kind=kind), kind)
    except PolicySyntaxError as error:
        raise PolicySyntaxError(f"{name}: {error.message}", next_step=error.next_step) from error


def parse_document(document: str | Mapping[str, object], *, kind: PolicyKind | str | None = None) -> PolicyDocument:
    """Read a policy document, given as JSON text or as parsed JSON.

    :param kind: where it is attached; None checks only what holds everywhere.
    :raises PolicySyntaxError: AWS would refuse it.
    """
    try:
        return _parse(document, kind=kind)
    except GrammarError as error:
        raise PolicySyntaxError(
            str(error), next_step="Correct the policy document; AWS refuses it as it is."
        ) from error


__all__ = [
    "Condition",
    "Element",
    "NamedPolicy",
    "PolicyDocument",
    "PolicyKind",
    "PolicySyntaxError",
    "PrincipalElement",
    "Statement",
    "UnknownPolicy",
    "default_key_policy",
    "named_policy",
    "parse_document",
]
