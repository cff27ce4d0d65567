"""A case, asked of our evaluator."""

from __future__ import annotations

import json
import re

from graders.quality.agreement.model import Asked, Case, Outcome, Said, Taken
from lab_env.iam_policy import PolicyKind, PolicySyntaxError, evaluate, managed_document, named_policy

_WHERE = re.compile(r" \([^()]* statement \d+[^()]*\)$")


def ask(case: Case) -> Outcome:
    """What we say to it."""
    match case.question:
        case None:
            return Outcome(case, Said.OUTSIDE, case.outside)
        case Taken(document):
            try:
                managed_document("the policy", json.dumps(document))
            except PolicySyntaxError as error:
                return _compared(case, said=False, why=error.message)
            return _compared(case, said=True, why="taken")
        case Asked() as question:
            return _asked(case, question)


def _asked(case: Case, question: Asked) -> Outcome:
    try:
        identity = [named_policy("the identity policy", document) for document in question.identity]
        boundary = None if question.boundary is None else named_policy("the boundary", question.boundary)
        resource = question.resource_policy
        theirs = None if resource is None else named_policy("the resource's policy", resource[1], resource[0])
    except PolicySyntaxError as error:
        return Outcome(case, Said.REFUSED, _without_values(error.message))
    if theirs is None and (kind := _needed(question)) is not None:
        statement = _NOTHING if kind is PolicyKind.TRUST else {**_NOTHING, "Resource": "*"}
        theirs = named_policy("no policy", {"Version": "2012-10-17", "Statement": statement}, kind)
    decision = evaluate(
        question.request, identity=identity, resource_policy=theirs, boundary=boundary, beside=question.beside
    )
    if decision.undetermined:
        reasons = dict.fromkeys(_WHERE.sub("", reason) for reason in decision.unknown_operators)
        return Outcome(case, Said.UNDETERMINED, ", ".join(reasons))
    return _compared(case, decision.allowed, decision.explanation)


_NOTHING = {"Effect": "Deny", "Principal": {"AWS": "000000000000"}, "Action": "sts:TagSession"}
"""Says nothing of the request: the policy of a key or role that has none in the suite, for ours will not guess one."""


def _needed(question: Asked) -> PolicyKind | None:
    request = question.request
    if request.action.lower().startswith("sts:assumerole"):
        return PolicyKind.TRUST
    return PolicyKind.KMS if ":key/" in request.resource else None


def _compared(case: Case, said: bool, why: str) -> Outcome:
    return Outcome(case, Said.ALIKE if said == case.wants else Said.DIFFERS, why)


def _without_values(sentence: str) -> str:
    return re.sub(r"statement \d+", "a statement", re.sub(r"'[^']*'", "'…'", sentence))
