"""What the rubric means by "the secret", "its key", "the task" and "the execution role": one definition for all checks.

Found by relation, never by label, file or the order of addresses (docs/rubric.md, "Subjects"):

- the secret is the one named as required; without one, the one that a task's password variable names (``DB_PASSWORD``
  in the standard lesson); without that, the only one;
- its key is the customer-managed key that encrypts it, or the module's only such key;
- the task is the definition whose essential container gets that variable from the secret; else the one that has one; else the
  only one;
- the execution role is the one that the task names; where no task names one, the only role that trusts ECS tasks alone.

A mistake in one of them (a name with a letter missing) therefore does not hide the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from graders.evidence.deployed import DeployedFacts, KeyFacts, RoleFacts, SecretFacts, TaskFacts
from graders.evidence.facts import Facts
from graders.evidence.plan import EnvironmentPlan, PlanFacts, PlannedResource
from lab_env.hcl.addresses import without_indexes
from lab_env.iam_policy import ECS_TASKS, PolicyKind, PolicySyntaxError, grantees, named_policy
from lab_env.lesson import Lesson

_T = TypeVar("_T")


def planned(facts: Facts) -> PlanFacts:
    """The plan facts; only called by checks whose depth gathered them for a valid module."""
    if facts.plan is None or not facts.plan.ok:
        raise LookupError("there is no plan to look at")
    return facts.plan


def deployed(facts: Facts) -> DeployedFacts:
    """The deployed facts; only called by checks whose depth gathered them for a valid module."""
    if facts.deployed is None:
        raise LookupError("nothing was deployed to look at")
    return facts.deployed


# --- deployed, under dev -------------------------------------------------------------------------------------------------


def the_secret(facts: Facts) -> SecretFacts | None:
    """The deployed secret; it may have another name than the required one."""
    return secret_in(deployed(facts), planned(facts).deployed_environment.environment, facts.lesson)


def secret_in(found: DeployedFacts, environment: str, lesson: Lesson) -> SecretFacts | None:
    """The same, of a deployment that is looked at without a plan."""
    name = lesson.secret_name(environment)
    named = [s for s in found.secrets if s.name == name]
    injected = [
        secret
        for essential in (True, False)
        for task in found.tasks
        for _, value_from in password_entries(task, lesson, essential_only=essential)
        for secret in found.secrets
        if is_value_of(secret, value_from)
    ]
    return next(iter((*named, *injected)), None) or _only(found.secrets)


def is_value_of(secret: SecretFacts, value_from: str) -> bool:
    """Whether a ``valueFrom`` names the secret, with or without further fields."""
    return value_from == secret.arn or value_from.startswith(f"{secret.arn}:")


def its_key(facts: Facts) -> KeyFacts | None:
    """The customer-managed key of the module that encrypts the secret, or the module's only one."""
    return key_in(deployed(facts), the_secret(facts))


def key_in(found: DeployedFacts, secret: SecretFacts | None) -> KeyFacts | None:
    """The same, of a deployment that is looked at without a plan."""
    keys = [k for k in found.keys if k.manager == "CUSTOMER"]
    encrypting = [k for k in keys if secret is not None and k.arn == secret.key_arn]
    return encrypting[0] if encrypting else _only(keys)


def password_entries(task: TaskFacts, lesson: Lesson, *, essential_only: bool) -> list[tuple[dict[str, object], str]]:
    """The ``secrets`` entries named as the lesson's variable, with their containers, as ``(container, valueFrom)``."""
    return [
        (container, value_from)
        for container, name, value_from in secret_entries(task)
        if name == lesson.password and not (essential_only and container.get("essential", True) is False)
    ]


def secret_entries(task: TaskFacts) -> Iterator[tuple[dict[str, object], str, str]]:
    """All ``secrets`` entries of its containers, as ``(container, name, valueFrom)``."""
    for container in task.containers:
        for entry in container.get("secrets") or ():
            yield container, str(entry.get("name", "")), str(entry.get("valueFrom", ""))


def the_task(facts: Facts) -> TaskFacts | None:
    """The task definition that injects the secret's password; without one, one that has such a variable; else the only one."""
    return task_in(deployed(facts), the_secret(facts), facts.lesson)


def task_in(found: DeployedFacts, secret: SecretFacts | None, lesson: Lesson) -> TaskFacts | None:
    """The same, of a deployment that is looked at without a plan."""
    for essential in (True, False):
        for task in found.tasks:
            entries = password_entries(task, lesson, essential_only=essential)
            if secret is not None and any(is_value_of(secret, value_from) for _, value_from in entries):
                return task
    for essential in (True, False):
        for task in found.tasks:
            if password_entries(task, lesson, essential_only=essential):
                return task
    return _only(found.tasks)


def execution_role(facts: Facts) -> RoleFacts | None:
    """The module's role that the task names as its execution role; where none is named, the only one for ECS tasks alone."""
    return role_of(deployed(facts), the_task(facts))


def role_of(found: DeployedFacts, task: TaskFacts | None) -> RoleFacts | None:
    """The same, of a deployment that is looked at without a plan."""
    if task is not None and task.execution_role_arn is not None:
        return named_role(found, task)
    if any(t.execution_role_arn is not None for t in found.tasks):
        return None
    return _only([r for r in found.roles if _trusts_ecs_tasks_alone(r)])


def named_role(found: DeployedFacts, task: TaskFacts) -> RoleFacts | None:
    """The module's role that the task itself names as its execution role."""
    return next((r for r in found.roles if r.arn == task.execution_role_arn), None)


def _trusts_ecs_tasks_alone(role: RoleFacts) -> bool:
    try:
        named = grantees(named_policy("trust", role.trust, PolicyKind.TRUST))
    except PolicySyntaxError:
        return False
    return bool(named) and all(g.kind == "Service" and g.value.lower() == ECS_TASKS for g in named)


# --- planned, under every environment ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Planned:
    """The secret and its key as planned under one environment; None where that plan has none."""

    plan: EnvironmentPlan
    secret: PlannedResource | None
    key: PlannedResource | None

    @property
    def environment(self) -> str:
        return self.plan.environment


def planned_subjects(facts: Facts) -> tuple[Planned, ...]:
    """The secret and its key under every environment that could be planned."""
    plans = planned(facts)
    return tuple(
        Planned(plan, secret := _planned_secret(facts, plan), _planned_key(facts, plan, secret))
        for plan in plans.environments
        if plan.ok
    )


def counterpart(plan: EnvironmentPlan, address: str, *, deployed_environment: str) -> PlannedResource | None:
    """The resource of another environment's plan that stands where ``address`` stands under the deployed one.

    Keys of ``for_each`` may themselves be made of the environment's name.
    """
    same = [r for r in plan.at(without_indexes(address)) if r.mode == "managed"]
    wanted = {address, address.replace(deployed_environment, plan.environment)}
    exact = next((r for r in same if r.address in wanted), None)
    return exact or _only(same)


def _planned_secret(facts: Facts, plan: EnvironmentPlan) -> PlannedResource | None:
    """By name; else what stands where the deployed one stands; else, from the files alone, what the only injection leads to."""
    secrets = plan.of_type("aws_secretsmanager_secret")
    name = facts.lesson.secret_name(plan.environment)
    named = next((r for r in secrets if r.values.get("name") == name), None)
    if named is not None:
        return named
    if facts.deployed is not None and (secret := the_secret(facts)) is not None:
        dev = planned(facts).deployed_environment.environment
        return counterpart(plan, secret.address, deployed_environment=dev)
    if len(secrets) < 2:
        return _only(secrets)
    injected = {
        reference.resource
        for task in plan.of_type("aws_ecs_task_definition")
        for reference in facts.references(task.config_address, "container_definitions")
        if reference.type == "aws_secretsmanager_secret"
    }
    return _only([r for r in secrets if r.config_address in injected])


def _planned_key(facts: Facts, plan: EnvironmentPlan, secret: PlannedResource | None) -> PlannedResource | None:
    dev = planned(facts).deployed_environment.environment
    if facts.deployed is not None and (key := its_key(facts)) is not None:
        return counterpart(plan, key.address, deployed_environment=dev)
    keys = plan.of_type("aws_kms_key")
    named = _keys_by_reference(facts, secret) if secret is not None else frozenset()
    encrypting = [k for k in keys if k.config_address in named]
    return encrypting[0] if len(encrypting) == 1 else _only(keys)


def _keys_by_reference(facts: Facts, secret: PlannedResource) -> frozenset[str]:
    """Config addresses of the keys that ``kms_key_id`` of the secret leads to, through aliases too."""
    wanted: set[str] = set()
    pending = [(secret.config_address, "kms_key_id")]
    seen: set[tuple[str, str]] = set()
    while pending:
        address, attribute = pending.pop()
        if (address, attribute) in seen:
            continue
        seen.add((address, attribute))
        for reference in facts.references(address, attribute):
            if reference.mode != "managed":
                continue
            if reference.type == "aws_kms_key":
                wanted.add(reference.resource)
            elif reference.type == "aws_kms_alias":
                pending.append((reference.resource, "target_key_id"))
    return frozenset(wanted)


def _only(found: Sequence[_T] | Iterable[_T]) -> _T | None:
    items = list(found)
    return items[0] if len(items) == 1 else None


__all__ = [
    "Planned",
    "counterpart",
    "deployed",
    "execution_role",
    "is_value_of",
    "its_key",
    "key_in",
    "named_role",
    "password_entries",
    "planned",
    "planned_subjects",
    "role_of",
    "secret_entries",
    "secret_in",
    "task_in",
    "the_secret",
    "the_task",
]
