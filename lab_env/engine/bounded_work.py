"""Bounds what a learner's numbers and policies make the engine do, where MiniStack takes them as they are.

A service's ``desired_count`` is the number of times it makes a task, one after the other, in the engine's only thread: a thousand
million hold everybody up for two days. And a policy of the wrong shape (a condition that is a list, nested a thousand deep, a date
past all calendars) ends the request that meets it with an exception, which is an error of the engine's to whoever asked, and to
Terraform a reason to ask 25 times.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

_LOG = logging.getLogger(__name__)
TASKS = 100
"""Tasks that one call makes for a service. Nothing of them runs, and no verdict rests on their number; ECS itself starts
a large service in steps (ECS Developer Guide, "Amazon ECS service quotas": tasks launched per minute)."""
_MALFORMED = "Policy document is not valid JSON"
"""MiniStack's own words."""


def bound_work() -> None:
    """Make the engine use it. There is no setting for that, hence the pinned ministack."""
    from ministack.core import iam_evaluator
    from ministack.services import ecs, iam

    # AWS refuses such a policy when it is written (MalformedPolicyDocument); one that was not read there grants nothing.
    iam_evaluator.validate_policy_document = _or(iam_evaluator.validate_policy_document, lambda: _MALFORMED)
    iam._trust_policy_not_principal_error = _or(iam._trust_policy_not_principal_error, lambda: _MALFORMED)
    iam_evaluator.evaluate_trust_policy = _or(iam_evaluator.evaluate_trust_policy, lambda: False)
    iam_evaluator.enforce = _or(iam_evaluator.enforce, _denied)
    ecs._run_task = few_tasks(ecs._run_task)


def few_tasks(run_task: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    """MiniStack's RunTask, which a service uses, too, for :data:`TASKS` at most."""

    @functools.wraps(run_task)
    def bounded(data: dict[str, Any]) -> Any:
        return run_task({**data, "count": min(int(data.get("count", 1)), TASKS)})

    return bounded


def _or(decide: Callable[..., Any], otherwise: Callable[[], Any]) -> Callable[..., Any]:
    """The decision, or what stands for it where a policy is no policy."""

    @functools.wraps(decide)
    def decided(*args: Any, **more: Any) -> Any:
        try:
            return decide(*args, **more)
        except (
            Exception
        ) as error:  # RecursionError, AttributeError, TypeError, IndexError, OverflowError: it never looks
            _LOG.warning("%s: a policy of the wrong shape (%s)", decide.__name__, type(error).__name__)
            return otherwise()

    return decided


def _denied() -> Any:
    from ministack.core.iam_evaluator import EvalResult, caller_arn

    return EvalResult("ImplicitDeny", principal_arn=caller_arn(), reason="a policy that cannot be read grants nothing")
