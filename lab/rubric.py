"""The rubric as the verbs need it: ids and steps that a person may type, and a good answer to one who mistypes."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lab_env.errors import UsageError

if TYPE_CHECKING:
    from graders.assignment import Rules
    from graders.rubric import Rubric
    from graders.rubric.requirement import Requirement


def step_ids(rules: Rules | None = None) -> tuple[str, ...]:
    """List the steps in the rubric's order.

    :param rules: what is asked of this learner; the standard lesson when left out.
    """
    return _rubric(rules).steps


def checked_steps(steps: Sequence[str], rules: Rules | None = None) -> frozenset[str]:
    """Check that all of ``steps`` are known.

    :raises UsageError: naming the unknown one and those that there are.
    """
    known = step_ids(rules)
    for step in steps:
        if step not in known:
            raise UsageError(f'There is no step "{step}".', next_step=f"The steps are {', '.join(known)}.")
    return frozenset(steps)


def requirement(id_: str, rules: Rules | None = None) -> Requirement:
    """Find the requirement of this id.

    :raises UsageError: there is none; the nearest ids are named.
    """
    found = {one.id: one for one in _rubric(rules).requirements}
    if id_ in found:
        return found[id_]
    near = difflib.get_close_matches(id_, found, n=3) or [i for i in found if i.startswith(f"{id_}.")] or list(found)
    raise UsageError(f'There is no requirement "{id_}".', next_step=f"Did you mean {', '.join(near)}?")


def _rubric(rules: Rules | None) -> Rubric:
    from graders.assignment import Rules
    from graders.rubric import registry

    return registry(rules or Rules())
