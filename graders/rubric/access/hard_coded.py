"""Rights that hold under the deployed environment only, because a policy spells its name out.

A policy with ``…:secret:dev-database-credentials-??????`` works under ``dev`` and nowhere else. Its text is not known in the plans
of other environments (it is built from ARNs that AWS gives later), so the spelt-out name is looked for where it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from graders.evidence.facts import Facts
from graders.evidence.subject import planned
from graders.model import Evidence
from lab_env.hcl import Literal, string_literals
from lab_env.iam_policy import Decision, NamedPolicy
from lab_env.lesson import Lesson

# The whole run of signs that an ARN may have. Where the name stands in it is asked afterwards: one pattern for both would read
# the rest of the run again from each of its signs.
_RUN = re.compile(r"[A-Za-z0-9:/*?_+=.@-]++")


def spelt_out(facts: Facts, decision: Decision, policies: Sequence[NamedPolicy]) -> list[Evidence]:
    """Where the learner wrote a name of the deployed environment on which the deciding statement depends."""
    values = [value for policy in policies for value in _values(policy, decision.statement)]
    return [
        facts.at(literal.span, f"{token} names one environment only")
        for literal, token in _tokens(facts)
        if any(token in value for value in values)
    ]


def _values(policy: NamedPolicy, where: str) -> Iterator[str]:
    for statement in policy.document.statements:
        if policy.where(statement) != where:
            continue
        if statement.resource is not None:
            yield from statement.resource.values
        for condition in statement.conditions:
            yield from condition.values


def _tokens(facts: Facts) -> Iterator[tuple[Literal, str]]:
    environment = planned(facts).deployed_environment.environment
    for module in facts.tree.modules:
        for body in module.files.values():
            for expression in body.expressions():
                for literal in string_literals(expression):
                    for token in spelt_out_in(str(literal.value), environment, facts.lesson):
                        yield literal, token


def spelt_out_in(text: str, environment: str, lesson: Lesson) -> Iterator[str]:
    """The pieces of a text that may be of an ARN and hold a name of the lesson's for this environment alone."""
    names = (lesson.secret_name(environment), lesson.alias_name(environment).removeprefix("alias/"))
    for run in _RUN.findall(text):
        if any(name in run for name in names):
            yield run
