"""Looks at the learner's own module: an edit of the placeholder that is only planned, forms of ``valueFrom``, a task that
outlives a rotation, and two environments side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab.notebook.demos.terraform import Bench, DemoError, Throwaway, changes, of_submission, require

if TYPE_CHECKING:
    from lab_env.engine import Account
    from lab_env.hcl import ModuleTree
    from lab_env.submission import Submission

_VERSION = "aws_secretsmanager_secret_version"
EDITED = json.dumps({"username": "admin", "password": "CHANGE_ME_ANOTHER_WORDING"})


@dataclass(frozen=True)
class EditedPlan:
    """What a plan would do after the placeholder was edited: address and action; empty: nothing.

    :param as_written: with the module as it is.
    :param unprotected: with its ``ignore_changes`` taken away.
    """

    as_written: tuple[tuple[str, str], ...]
    unprotected: tuple[tuple[str, str], ...]


def edit_and_plan(bench: Bench, submission: Submission, account: Account, state: Mapping[str, Any]) -> EditedPlan:
    """Edit the placeholder in a copy of the module and plan, with and without its protection. Nothing is applied.

    :param account: where the module is deployed, and ``state`` the state of that.
    :raises DemoError: the module has no secret version.
    """
    tree = accepted(submission)
    with of_submission(bench, submission, account=account, state=state) as copy:
        if not copy.workspace.write_override(tree, EDITED):
            raise DemoError(
                "Your module has no aws_secretsmanager_secret_version yet.",
                next_step="Write placeholder.tf, run its cell, then run this again.",
            )
        as_written = _version_changes(copy, "as-written")
        _remove_lifecycles(copy, tree)
        return EditedPlan(as_written, _version_changes(copy, "unprotected"))


def _remove_lifecycles(copy: Throwaway, tree: ModuleTree) -> None:
    """Blank the versions' lifecycle blocks in the copy. An override could not: Terraform passes over an empty list in it."""
    from lab_env.workspace import SUBMISSION_DIR

    for _, block in tree.resources(_VERSION):
        for inner in block.body.blocks_of("lifecycle"):
            file = copy.workspace.directory / SUBMISSION_DIR / inner.span.path
            text = file.read_bytes().decode().removeprefix("\ufeff")
            begin, end = inner.span.start, inner.span.end
            blank = "".join(c if c in "\r\n" else " " for c in text[begin:end])
            file.write_bytes((text[:begin] + blank + text[end:]).encode())


def accepted(submission: Submission) -> ModuleTree:
    """The module's tree, when the gate lets it through: nothing else may reach Terraform, in a demonstration either.

    :raises DemoError: it does not.
    """
    from graders import gate

    report = gate.check(submission)
    if not report.accepted:
        raise DemoError(f"The module is not accepted: {report.violations[0]}", next_step="Correct it and run its cell.")
    return report.tree


def _version_changes(copy: Throwaway, name: str) -> tuple[tuple[str, str], ...]:
    return changes(require(copy.terraform.plan(copy.workspace.directory / f"{name}.tfplan")), _VERSION)


@dataclass(frozen=True)
class Form:
    """One way to write ``valueFrom``; ``refused``: the agent's reason, None: it is read as ``meaning``."""

    text: str
    meaning: str
    refused: str | None


def value_from_forms(arn: str) -> tuple[Form, ...]:
    """What the ECS agent makes of the usual ways to write ``valueFrom`` for this secret."""
    from lab_env.ecs_agent import AgentError, parse_value_from

    found = []
    for suffix in ("", ":password", ":password:", ":password::", ":password:AWSPREVIOUS:", "::AWSCURRENT:"):
        text = f"<secret ARN>{suffix}"
        try:
            read = parse_value_from(f"{arn}{suffix}")
        except AgentError:
            found.append(Form(text, "", "after the ARN there are no extra fields, or all three"))
            continue
        key = f"the JSON key {read.json_key}" if read.json_key else "the whole value"
        stage = f"the version labelled {read.version_stage}" if read.version_stage else "the current version"
        found.append(Form(text, f"{key} of {stage}", None))
    return tuple(found)


@dataclass(frozen=True)
class OldAndNewTask:
    """Two launches around a rotation: which password each container has.

    :param old_has_old: the first container has the password of its time.
    :param old_has_new: the first container has the rotated one.
    :param new_has_new: so has the second one.
    """

    old_has_old: bool
    old_has_new: bool
    new_has_new: bool


def tasks_around_a_rotation(bench: Bench, account: Account, task_definition: str, secret_arn: str) -> OldAndNewTask:
    """Launch, rotate, launch again; passwords are compared by digest and never told.

    :raises DemoError: the task does not start.
    """
    from lab_env import ecs_agent
    from lab_env.engine import sessions

    manager = sessions.client(account, "secretsmanager")
    before = _password(manager, secret_arn)
    old = ecs_agent.launch(bench.engine, account, task_definition, sandbox=bench.toolchain.sandbox)
    rotated = _rotate(manager, secret_arn)
    new = ecs_agent.launch(bench.engine, account, task_definition, sandbox=bench.toolchain.sandbox)
    for report in (old, new):
        if not report.ok:
            raise DemoError(
                f"The task did not start: {report.error}", next_step="Let the checks of this notebook pass."
            )
    return OldAndNewTask(old.matches(before), old.matches(rotated), new.matches(rotated))


def _password(manager: Any, arn: str) -> str:
    return str(json.loads(manager.get_secret_value(SecretId=arn)["SecretString"])["password"])


def _rotate(manager: Any, arn: str) -> str:
    """A new password beside whatever else the value holds, put as a person would in the console."""
    from lab.notebook.demos.leaks import canary

    value = json.loads(manager.get_secret_value(SecretId=arn)["SecretString"])
    password = canary(32)
    manager.put_secret_value(SecretId=arn, SecretString=json.dumps({**value, "password": password}))
    return password


def by_environment(bench: Bench, submission: Submission, account: Account) -> dict[str, tuple[tuple[str, str], ...]]:
    """The names that the module would give under ``dev`` and ``prod``, planned in one root; nothing is applied.

    A policy inside a role is left out: its name is the role's own affair.

    :return: for each environment the address and its name (a family, an alias …), in address order.
    """
    from graders.evidence.planning import plan_environments

    accepted(submission)
    environments = ("dev", "prod")
    with of_submission(bench, submission, account=account, environments=environments) as copy:
        planned = plan_environments(copy.terraform, copy.workspace, environments)
        if planned.errors:
            first = planned.errors[0]
            raise DemoError(f"Terraform refuses the module: {first.summary}.", next_step="Run %terraform plan.")
    return {
        plan.environment: tuple(
            (resource.address.partition(".")[2].partition(".")[2], str(name))
            for resource in plan.resources
            if resource.mode == "managed"
            and resource.type != "aws_iam_role_policy"
            and (name := resource.values.get("name") or resource.values.get("family"))
        )
        for plan in planned.environments
    }
