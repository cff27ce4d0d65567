"""A case of a suite in our own words, and what came of asking it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lab_env.iam_policy import PolicyKind, Request, Unread

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """Whether a request is allowed.

    :param beside: kinds of policy that are there and that our evaluator does not read.
    """

    request: Request
    identity: tuple[Document, ...] = ()
    resource_policy: tuple[PolicyKind, Document] | None = None
    boundary: Document | None = None
    beside: tuple[Unread, ...] = ()


@dataclass(frozen=True)
class Taken:
    """Whether IAM takes a document as a customer-managed policy."""

    document: object


@dataclass(frozen=True)
class Case:
    """:param id: the file's name, a colon and the case's own name, unique in the suite.

    :param wants: the suite's answer: allowed, or taken.
    :param question: None for a case that asks what we do not answer, with the reason in ``outside``.
    """

    id: str
    wants: bool
    question: Asked | Taken | None
    outside: str = ""


class Said(StrEnum):
    """What came of a case."""

    ALIKE = "alike"
    DIFFERS = "differs"
    UNDETERMINED = "undetermined"
    REFUSED = "refused"
    """A policy of the case is one that AWS does not store."""
    OUTSIDE = "outside"


@dataclass(frozen=True)
class Outcome:
    """:param why: our explanation, or the reason for no answer."""

    case: Case
    said: Said
    why: str
