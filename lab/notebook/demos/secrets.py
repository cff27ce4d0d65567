"""A secret that is deleted and restored, and two rotations in a row under four designs of its first version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lab.notebook.demos.keys import refusal
from lab.notebook.demos.leaks import canary
from lab.notebook.demos.terraform import Bench, DemoError, Throwaway, changes, of_text, require
from lab_env.lesson import LESSON

SECRET = LESSON.secret_name("dev")
_VERSION = "aws_secretsmanager_secret_version"


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
    """Whether the engine refuses a new value for a deleted secret, as AWS does; tried on a secret made for it and removed again.

    One that does not would have the demonstration overwrite the learner's password.
    """
    made = manager.create_secret(Name=f"lab-demo-{canary(12)}")["ARN"]
    manager.delete_secret(SecretId=made, RecoveryWindowInDays=7)
    refused = refusal(lambda: manager.put_secret_value(SecretId=made, SecretString="{}")) is not None
    manager.delete_secret(SecretId=made, ForceDeleteWithoutRecovery=True)
    return refused


def delete_and_restore(manager: Any, *, secret: str = SECRET, days: int = LESSON.window_days) -> Deletion:
    """Delete a secret with a recovery window, try to use it, and restore it, whatever happens in between.

    :param manager: a Secrets Manager client.
    :raises DemoError: there is no such secret.
    """
    try:
        before = manager.describe_secret(SecretId=secret)
    except manager.exceptions.ResourceNotFoundException:
        raise DemoError(
            f"Your account has no secret {secret}.",
            next_step="Write secret.tf and let the check pass, then run this again.",
        ) from None
    manager.delete_secret(SecretId=before["ARN"], RecoveryWindowInDays=days)
    try:
        # CreateSecret last: an engine that let it through would have replaced what is to be restored.
        deleted = manager.describe_secret(SecretId=before["ARN"])
        read = refusal(lambda: manager.get_secret_value(SecretId=before["ARN"]))
        write = refusal(lambda: manager.put_secret_value(SecretId=before["ARN"], SecretString="{}"))
        name = refusal(lambda: manager.create_secret(Name=before["Name"]))
    finally:
        manager.restore_secret(SecretId=before["ARN"])
    after = manager.describe_secret(SecretId=before["ARN"])
    same = after.get("VersionIdsToStages") == before.get("VersionIdsToStages")
    return Deletion(
        days=_whole_days(deleted["DeletedDate"], days),
        read_refused=read,
        write_refused=write,
        name_refused=name,
        restored="DeletedDate" not in after and same,
    )


def _whole_days(final: Any, asked: int) -> int:
    """AWS gives the day of the deletion itself or the day on which it becomes final, depending on the API's version."""
    from datetime import UTC, datetime

    left = (final - datetime.now(UTC)).total_seconds() / 86_400
    return round(left) if left > 1 else asked


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


def two_rotations(bench: Bench) -> Accident:
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
                passwords[design] = canary(32)
                value = json.dumps({"password": passwords[design]})
                manager.put_secret_value(SecretId=f"dev-{design}", SecretString=value)
        planned = _plan_and_apply(sample, "second")
        rows = tuple(
            AfterTwoRotations(
                DESIGNS[design],
                planned.get(design),
                _current(manager, design) == passwords[design],
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


def _current(manager: Any, design: str) -> str:
    value = json.loads(manager.get_secret_value(SecretId=f"dev-{design}", VersionStage="AWSCURRENT")["SecretString"])
    return str(value["password"])
