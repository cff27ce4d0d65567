"""What the rubric means by "the secret", "its key", "the task" and "the execution role": one definition for all checks.

Found by relation, never by label or file: the secret is the one named as required, its key is the customer-managed key that
encrypts it (or the module's only one when the secret uses the default key), the execution role is the one the task names.
"""

from __future__ import annotations

from dataclasses import dataclass

from graders.evidence.deployed import DeployedFacts, KeyFacts, RoleFacts, SecretFacts, TaskFacts
from graders.evidence.facts import Facts
from graders.evidence.plan import EnvironmentPlan, PlanFacts, PlannedResource
from lab_env.hcl.addresses import without_indexes
from lab_env.lesson import LESSON


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
    """The deployed secret that has the required name."""
    return secret_in(deployed(facts), planned(facts).deployed_environment.environment)


def secret_in(found: DeployedFacts, environment: str) -> SecretFacts | None:
    """The same, of a deployment that is looked at without a plan."""
    name = LESSON.secret_name(environment)
    return next((s for s in found.secrets if s.name == name), None)


def its_key(facts: Facts) -> KeyFacts | None:
    """The customer-managed key of the module that encrypts the secret, or the module's only one."""
    return key_in(deployed(facts), the_secret(facts))


def key_in(found: DeployedFacts, secret: SecretFacts | None) -> KeyFacts | None:
    """The same, of a deployment that is looked at without a plan."""
    keys = [k for k in found.keys if k.manager == "CUSTOMER"]
    if secret is not None and secret.key_arn is not None:
        encrypting = next((k for k in keys if k.arn == secret.key_arn), None)
        if encrypting is not None:
            return encrypting
    return keys[0] if len(keys) == 1 else None


def db_password_entries(task: TaskFacts, *, essential_only: bool) -> list[tuple[dict[str, object], str]]:
    """The ``secrets`` entries named DB_PASSWORD, with their containers, as ``(container, valueFrom)``."""
    found = []
    for container in task.containers:
        if essential_only and container.get("essential", True) is False:
            continue
        for entry in container.get("secrets") or ():
            if entry.get("name") == LESSON.password:
                found.append((container, str(entry.get("valueFrom", ""))))
    return found


def the_task(facts: Facts) -> TaskFacts | None:
    """The task definition that injects DB_PASSWORD into an essential container; else the first one there is."""
    return task_in(deployed(facts))


def task_in(found: DeployedFacts) -> TaskFacts | None:
    """The same, of a deployment that is looked at without a plan."""
    tasks = found.tasks
    for task in tasks:
        if db_password_entries(task, essential_only=True):
            return task
    for task in tasks:
        if db_password_entries(task, essential_only=False):
            return task
    return tasks[0] if tasks else None


def execution_role(facts: Facts) -> RoleFacts | None:
    """The module's role that the task names as its execution role."""
    return role_of(deployed(facts), the_task(facts))


def role_of(found: DeployedFacts, task: TaskFacts | None) -> RoleFacts | None:
    """The same, of a deployment that is looked at without a plan."""
    if task is None or task.execution_role_arn is None:
        return None
    return next((r for r in found.roles if r.arn == task.execution_role_arn), None)


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
        Planned(plan, secret := _planned_secret(plan), _planned_key(facts, plan, secret))
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
    return exact or (same[0] if len(same) == 1 else None)


def _planned_secret(plan: EnvironmentPlan) -> PlannedResource | None:
    name = LESSON.secret_name(plan.environment)
    return next((r for r in plan.of_type("aws_secretsmanager_secret") if r.values.get("name") == name), None)


def _planned_key(facts: Facts, plan: EnvironmentPlan, secret: PlannedResource | None) -> PlannedResource | None:
    dev = planned(facts).deployed_environment.environment
    if facts.deployed is not None:
        key = its_key(facts)
        return counterpart(plan, key.address, deployed_environment=dev) if key is not None else None
    keys = plan.of_type("aws_kms_key")
    named = _keys_by_reference(facts, secret) if secret is not None else frozenset()
    encrypting = [k for k in keys if k.config_address in named]
    if len(encrypting) == 1:
        return encrypting[0]
    return keys[0] if len(keys) == 1 else None


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


__all__ = [
    "Planned",
    "counterpart",
    "db_password_entries",
    "deployed",
    "execution_role",
    "its_key",
    "key_in",
    "planned",
    "planned_subjects",
    "role_of",
    "secret_in",
    "task_in",
    "the_secret",
    "the_task",
]
