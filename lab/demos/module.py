"""What becomes of a secret: deleted and restored, rotated twice, edited, read by a task; and the module under two environments.

Each runs real Terraform in a directory that is thrown away afterwards, and where it applies, in an account of its own.
"""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lab_env.errors import LabError, TerraformError
from lab_env.hcl.addresses import in_module
from lab_env.lesson import STANDARD, Lesson
from lab_env.rotation import json_value, rotate_password
from lab_env.temporary import temporary_directory

if TYPE_CHECKING:
    from lab_env.engine import Account, Engine
    from lab_env.hcl import ModuleTree
    from lab_env.submission import Submission
    from lab_env.terraform import Lane, RunResult, Terraform, Toolchain
    from lab_env.workspace import Workspace

EDITED = json.dumps({"username": "admin", "password": "CHANGE_ME_ANOTHER_WORDING"})
_VERSION = "aws_secretsmanager_secret_version"
_LETTERS = string.ascii_letters + string.digits


class DemoError(LabError):
    """A demonstration cannot be shown now; says what it needs."""

    exit_code = 1


@dataclass(frozen=True)
class DemoBench:
    """What a demonstration works with; ``lane`` is held by whoever made the bench, None takes the plain path."""

    engine: Engine
    toolchain: Toolchain
    lane: Lane | None = None


@dataclass(frozen=True)
class Throwaway:
    """A workspace and Terraform in it."""

    account: Account
    workspace: Workspace
    terraform: Terraform

    @property
    def state(self) -> bytes:
        """The state file as it lies on the disk."""
        return (self.workspace.directory / "terraform.tfstate").read_bytes()


@contextmanager
def of_text(bench: DemoBench, text: str) -> Iterator[Throwaway]:
    """Make an initialised workspace whose module is this text, in a fresh account."""
    from lab_env.engine import fresh_account
    from lab_env.submission import load_submission

    with temporary_directory("demo") as directory:
        module = directory / "module"
        module.mkdir()
        (module / "main.tf").write_text(text, encoding="utf-8")
        with of_submission(bench, load_submission(module), account=fresh_account(bench.engine)) as made:
            yield made


@contextmanager
def of_submission(
    bench: DemoBench,
    submission: Submission,
    *,
    account: Account,
    environments: Sequence[str] = ("dev",),
    state: Mapping[str, object] | None = None,
) -> Iterator[Throwaway]:
    """Make an initialised workspace with a copy of a module, which goes on from ``state`` when there is one.

    :raises TerraformError: Terraform refuses the module.
    """
    from lab_env import workspace as workspaces
    from lab_env.sandbox import run_directory
    from lab_env.terraform import Terraform

    with run_directory() as directory:
        workspace = workspaces.create(
            submission,
            directory,
            account=account,
            environments=environments,
            provider_version=bench.toolchain.provider_version,
        )
        if state is not None:
            (workspace.directory / "terraform.tfstate").write_text(json.dumps(state), encoding="utf-8")
        terraform = Terraform(
            workspace.directory, toolchain=bench.toolchain, lane=bench.lane, endpoint=account.endpoint
        )
        require(terraform.init())
        yield Throwaway(account, workspace, terraform)


def require(run: RunResult) -> RunResult:
    """Give the run back, when it went well.

    :raises TerraformError: it did not; with Terraform's first error.
    """
    if run.ok:
        return run
    first = run.errors[0]
    raise TerraformError(f"terraform {run.command} failed: {first.summary}. {first.detail}".strip())


def changes(run: RunResult, resource_type: str) -> tuple[tuple[str, str], ...]:
    """List what a plan would do to resources of a type: address in the module and action, without those it leaves alone."""
    return tuple(
        (in_module(change.address), change.action)
        for change in run.changes
        if change.resource_type == resource_type and change.action not in ("noop", "no-op", "read")
    )


def canary(length: int = 24) -> str:
    """Make a value that can be nowhere by chance."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def refusal(call: Callable[[], object]) -> str | None:
    """Make a call and give the error code with which AWS refuses it; None when it does not."""
    from botocore.exceptions import ClientError

    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return None


@dataclass(frozen=True)
class Deletion:
    """What was seen around a deletion and a restore.

    :param days: between the deletion and the day on which it becomes final.
    :param read_refused: the error code for reading it meanwhile; None: it was not refused.
    :param write_refused: for writing a new value.
    :param name_refused: for creating another secret of that name.
    :param restored: whether it is as before: not marked any more, readable, with the same versions.
    """

    days: int
    read_refused: str | None
    write_refused: str | None
    name_refused: str | None
    restored: bool


def refuses_writes_to_deleted(manager: Any) -> bool:
    """Tell whether the engine refuses a new value for a deleted secret, as AWS does; tried on one made for it and removed again.

    One that does not would have the demonstration overwrite the learner's password.
    """
    made = manager.create_secret(Name=f"lab-demo-{canary(12)}")["ARN"]
    manager.delete_secret(SecretId=made, RecoveryWindowInDays=7)
    refused = refusal(lambda: manager.put_secret_value(SecretId=made, SecretString="{}")) is not None
    manager.delete_secret(SecretId=made, ForceDeleteWithoutRecovery=True)
    return refused


def delete_and_restore(manager: Any, *, lesson: Lesson = STANDARD) -> Deletion:
    """Delete a secret with a recovery window, try to use it, and restore it, whatever happens in between.

    :param manager: a Secrets Manager client.
    :raises DemoError: there is no such secret.
    """
    secret, days = lesson.secret_name("dev"), lesson.secret_window_days
    try:
        before = manager.describe_secret(SecretId=secret)
    except manager.exceptions.ResourceNotFoundException:
        raise DemoError(
            f"Your account has no secret {secret}.",
            next_step="Write secret.tf and let the check pass, then run this again.",
        ) from None
    final = manager.delete_secret(SecretId=before["ARN"], RecoveryWindowInDays=days)["DeletionDate"]
    try:
        # CreateSecret last: an engine that let it through would have replaced what is to be restored.
        read = refusal(lambda: manager.get_secret_value(SecretId=before["ARN"]))
        write = refusal(lambda: manager.put_secret_value(SecretId=before["ARN"], SecretString="{}"))
        name = refusal(lambda: manager.create_secret(Name=before["Name"]))
    finally:
        manager.restore_secret(SecretId=before["ARN"])
    after = manager.describe_secret(SecretId=before["ARN"])
    same = after.get("VersionIdsToStages") == before.get("VersionIdsToStages")
    return Deletion(
        days=whole_days(final),
        read_refused=read,
        write_refused=write,
        name_refused=name,
        restored="DeletedDate" not in after and same,
    )


def whole_days(final: datetime) -> int:
    """Count the days until a deletion is final."""
    return round((final - datetime.now(UTC)).total_seconds() / 86_400)


@dataclass(frozen=True)
class AfterTwoRotations:
    """One design, after its secret was rotated twice outside Terraform.

    :param planned: what the next plan would do to the version: ``create``, ``replace`` … None: nothing.
    :param kept: whether the password of the second rotation is still current after the apply.
    :param placeholder_in_state: whether the state held the placeholder before the rotations.
    """

    design: str
    planned: str | None
    kept: bool
    placeholder_in_state: bool


@dataclass(frozen=True)
class Accident:
    """What two rotations did to each design.

    :param rows: in the order of :data:`DESIGNS`.
    :param label_attached: whether the engine had dropped the label that the module asks for, so that it was attached by
        ``UpdateSecretVersionStage`` after the first apply, as AWS does by itself.
    """

    rows: tuple[AfterTwoRotations, ...]
    label_attached: bool


LABEL = "TERRAFORM_MANAGED"
DESIGNS: Mapping[str, str] = {
    "ignored": "ignore_changes = [secret_string]",
    "write_only": "secret_string_wo",
    "labelled": "a label of its own: version_stages with TERRAFORM_MANAGED, ignored",
    "empty": "no version resource at all",
}

# One module with one secret a design, so that one apply and one plan show them all.
_MODULE = """
variable "environment" {{
  type = string
}}

resource "aws_secretsmanager_secret" "this" {{
  for_each = toset(["ignored", "write_only", "labelled", "empty"])
  name     = "${{var.environment}}-${{each.key}}"
}}

resource "aws_secretsmanager_secret_version" "ignored" {{
  secret_id     = aws_secretsmanager_secret.this["ignored"].id
  secret_string = jsonencode({{ password = "CHANGE_ME_{mark}_ignored" }})

  lifecycle {{
    ignore_changes = [secret_string]
  }}
}}

resource "aws_secretsmanager_secret_version" "write_only" {{
  secret_id                = aws_secretsmanager_secret.this["write_only"].id
  secret_string_wo         = jsonencode({{ password = "CHANGE_ME_{mark}_write_only" }})
  secret_string_wo_version = 1
}}

resource "aws_secretsmanager_secret_version" "labelled" {{
  secret_id      = aws_secretsmanager_secret.this["labelled"].id
  secret_string  = jsonencode({{ password = "CHANGE_ME_{mark}_labelled" }})
  version_stages = ["AWSCURRENT", "TERRAFORM_MANAGED"]

  lifecycle {{
    ignore_changes = [secret_string, version_stages]
  }}
}}
"""


def two_rotations(bench: DemoBench) -> Accident:
    """Rotate each design's secret twice, then plan and apply once more, in an account made for it.

    :raises DemoError: this engine keeps versions without labels, so it cannot show the accident.
    """
    from lab_env.engine import sessions

    if "version_pruning" not in bench.engine.capabilities:
        raise DemoError(
            "This engine keeps a secret's versions without labels for ever, so the accident cannot happen on it.",
            next_step="Use the embedded engine.",
        )
    mark = canary(12)
    with of_text(bench, _MODULE.format(mark=mark)) as sample:
        _plan_and_apply(sample, "first")
        state = sample.state.decode()
        manager = sessions.client(sample.account, "secretsmanager")
        attached = _attach_label(manager)
        passwords = {}
        for design in DESIGNS:
            for _ in range(2):
                passwords[design] = rotate_password(manager, f"dev-{design}", {}).password
        planned = _plan_and_apply(sample, "second")
        rows = tuple(
            AfterTwoRotations(
                DESIGNS[design],
                planned.get(design),
                _current(manager, f"dev-{design}").get("password") == passwords[design],
                f"{mark}_{design}" in state,
            )
            for design in DESIGNS
        )
        return Accident(rows, attached)


def _attach_label(manager: Any) -> bool:
    """See to it that the first version has its label, which MiniStack drops when it comes beside AWSCURRENT."""
    stages = manager.describe_secret(SecretId="dev-labelled")["VersionIdsToStages"]
    if any(LABEL in labels for labels in stages.values()):
        return False
    first = next(version for version, labels in stages.items() if "AWSCURRENT" in labels)
    manager.update_secret_version_stage(SecretId="dev-labelled", VersionStage=LABEL, MoveToVersionId=first)
    return True


def _plan_and_apply(sample: Throwaway, name: str) -> dict[str, str]:
    plan = sample.workspace.directory / f"{name}.tfplan"
    planned = require(sample.terraform.plan(plan))
    require(sample.terraform.apply(plan))
    return {address.removeprefix(f"{_VERSION}."): action for address, action in changes(planned, _VERSION)}


@dataclass(frozen=True)
class SensitiveLook:
    """Where a value marked as sensitive turns up.

    :param in_plan_output: in what ``terraform plan`` says to whoever watches.
    :param in_apply_output: in what ``terraform apply`` says.
    :param in_state: the places in the state file, such as ``outputs.password.value``.
    """

    in_plan_output: bool
    in_apply_output: bool
    in_state: tuple[str, ...]


_SENSITIVE = """
variable "environment" {{
  type = string
}}

variable "database_password" {{
  type      = string
  sensitive = true
  default   = "{value}"
}}

resource "aws_secretsmanager_secret" "sample" {{
  name = "${{var.environment}}-sample"
}}

resource "aws_secretsmanager_secret_version" "sample" {{
  secret_id     = aws_secretsmanager_secret.sample.id
  secret_string = var.database_password
}}

output "database_password" {{
  value     = var.database_password
  sensitive = true
}}
"""


def look_for_sensitive(bench: DemoBench) -> SensitiveLook:
    """Apply a module whose password is ``sensitive`` everywhere it can be, and look where it is all the same."""
    value = canary()
    with of_text(bench, _SENSITIVE.format(value=value)) as sample:
        plan = sample.workspace.directory / "sample.tfplan"
        planned = require(sample.terraform.plan(plan))
        applied = require(sample.terraform.apply(plan))
        places = places_of(json.loads(sample.state), value)
    return SensitiveLook(value in repr(planned), value in repr(applied), places)


def places_of(state: object, value: str) -> tuple[str, ...]:
    """Find the places in a state file's document that hold a value, such as ``outputs.password.value``, sorted."""
    return tuple(sorted(_places(state, value)))


def _places(node: object, value: str, here: str = "") -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, child in node.items():
            yield from _places(child, value, f"{here}.{key}" if here else str(key))
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from _places(child, value, f"{here}[{index}]")
    elif isinstance(node, str) and value in node:
        yield here


@dataclass(frozen=True)
class EditedPlan:
    """What a plan would do to the secret's version: address and action; empty: nothing.

    :param as_written: with the module as it is.
    :param unprotected: with its ``ignore_changes`` taken away.
    """

    as_written: tuple[tuple[str, str], ...]
    unprotected: tuple[tuple[str, str], ...]


def edit_and_plan(
    bench: DemoBench, submission: Submission, account: Account, state: Mapping[str, Any], *, edit: bool = True
) -> EditedPlan:
    """Edit the placeholder in a copy of the module and plan, with and without its protection. Nothing is applied.

    :param account: where the module is deployed, and ``state`` the state of that.
    :param edit: False: leave the placeholder as it is, and only plan.
    :raises DemoError: the module has no secret version.
    """
    tree = accepted(submission)
    with of_submission(bench, submission, account=account, state=state) as copy:
        if not copy.workspace.write_override(tree, EDITED):
            raise DemoError(
                "Your module has no aws_secretsmanager_secret_version yet.",
                next_step="Write the first version as notebook 3 says, then run this again.",
            )
        if not edit:
            copy.workspace.remove_override()
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
    """Read the module's tree, when the gate lets it through: nothing else may reach Terraform, in a demonstration either.

    :raises DemoError: it does not.
    :raises UnreadError: Terraform reads it and the grader does not, which is no mistake.
    """
    from graders import gate

    report = gate.check(submission)
    report.require_read()
    if not report.accepted:
        raise DemoError(f"The module is not accepted: {report.violations[0]}", next_step="Correct it first.")
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
    """Tell what the ECS agent makes of the usual ways to write ``valueFrom`` for this secret."""
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


def tasks_around_a_rotation(
    bench: DemoBench, account: Account, task_definition: str, secret_arn: str, *, variable: str = STANDARD.password
) -> OldAndNewTask:
    """Launch, rotate, launch again; passwords are compared by digest and never told.

    :param variable: the one in which the container gets the password.
    :raises DemoError: the task does not start.
    """
    from lab_env import ecs_agent
    from lab_env.engine import sessions

    manager = sessions.client(account, "secretsmanager")
    before = str(_current(manager, secret_arn)["password"])
    old = ecs_agent.launch(bench.engine, account, task_definition, sandbox=bench.toolchain.sandbox)
    rotated = rotate_password(manager, secret_arn, _current(manager, secret_arn)).password
    new = ecs_agent.launch(bench.engine, account, task_definition, sandbox=bench.toolchain.sandbox)
    for report in (old, new):
        if not report.ok:
            raise DemoError(
                f"The task did not start: {report.error}", next_step="Let the checks of notebook 4 pass first."
            )
    return OldAndNewTask(
        old_has_old=old.matches(before, variable),
        old_has_new=old.matches(rotated, variable),
        new_has_new=new.matches(rotated, variable),
    )


def _current(manager: Any, secret: str) -> dict[str, Any]:
    return json_value(manager.get_secret_value(SecretId=secret)) or {}


def by_environment(
    bench: DemoBench, submission: Submission, account: Account
) -> dict[str, tuple[tuple[str, str], ...]]:
    """Plan the names that the module would give under ``dev`` and ``prod``, in one root; nothing is applied.

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
