"""What a rule is given and what it says, without any engine: questions to the account are handed out, not asked."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar


@dataclass(frozen=True)
class Call:
    """One call of an AWS API, before an engine has seen it.

    :param service: ``iam``, ``kms``, ``secretsmanager`` or ``ecs``.
    :param operation: such as ``CreateRole``.
    :param parameters: by the API's own names; those of IAM's query protocol are flat (``Tags.member.1.Key``).
    :param account: 12 digits.
    """

    service: str
    operation: str
    parameters: Mapping[str, Any]
    account: str
    region: str

    def text(self, name: str) -> str | None:
        """A parameter that is a text; None: it is not given, or is something else."""
        value = self.parameters.get(name)
        return value if isinstance(value, str) else None


@dataclass(frozen=True)
class Refusal:
    """AWS's error.

    :param code: as AWS names it, such as ``MalformedPolicyDocument``.
    :param settles: it may end by itself: a role that is being made is there a moment later. AWS's clients, Terraform among them,
        try such a call again for minutes.
    """

    code: str
    message: str
    status: int = 400
    settles: bool = False


@dataclass(frozen=True)
class Question:
    """A call that tells what is in the account. Its answer is the API's, or None when that is an error."""

    service: str
    operation: str
    parameters: Mapping[str, str]


Answer = Mapping[str, Any] | None
_Found = TypeVar("_Found")
Asking = Generator[Question, Answer, _Found]
"""Something that hands out questions, is sent their answers, and returns what it has found."""
Verdict = Asking[Refusal | None]
"""A rule at work; what it finds is whether AWS refuses the call."""
Rule = Callable[[Call], Verdict]


def settle(verdict: Verdict, ask: Callable[[Question], Answer]) -> Refusal | None:
    """Run a rule to its end with somebody who answers at once."""
    answer: Answer = None
    try:
        question = next(verdict)
        while True:
            answer = ask(question)
            question = verdict.send(answer)
    except StopIteration as end:
        refusal: Refusal | None = end.value
        return refusal


def without_questions(check: Callable[[Call], Refusal | None]) -> Rule:
    """A rule that needs to know nothing of the account."""

    def rule(call: Call) -> Verdict:
        return check(call)
        yield  # what makes a generator of it

    return rule
