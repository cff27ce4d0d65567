"""The rotation drill: rotate once by API, edit the placeholder, apply, and look at what is left of the rotated value.

Rotating and planning alone proves nothing: the provider reads a fixed version id, so the plan is clean with or without
``ignore_changes``. What ``ignore_changes`` really does shows when the placeholder is edited in HCL. The drill rotates exactly
once: after two rotations AWS may delete the version that Terraform tracks.

The edit is made in the literals that the password comes from; where it comes from none, the apply alone is the drill.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from graders.evidence.deployed import SecretFacts
from graders.evidence.drills import RotationFacts
from graders.evidence.facts import Facts
from graders.evidence.leak_scan import find, plan_file_parts
from graders.evidence.placeholder_edit import edit_placeholder
from graders.evidence.planning import learner_diagnostics
from graders.evidence.versions import SecretVersion
from graders.model import SourceDiagnostic
from lab_env.hcl.addresses import in_module, without_indexes
from lab_env.rotation import json_value, rotate_password
from lab_env.terraform import RunResult, Terraform
from lab_env.workspace import Workspace

DRILL_PLAN = "drill.tfplan"


@dataclass(frozen=True)
class Rotation:
    """The drill's facts, and the rotated password for the launch drill (kept in memory only, never in evidence)."""

    facts: RotationFacts
    password: str


def rotate(manager: Any, secret: SecretFacts) -> str:
    """Put one new version with a random password and every other field as it was; returns the password.

    AWS's own rotation functions keep them, too: they need host, port and dbname (Secrets Manager User Guide, "JSON structure of
    AWS Secrets Manager secrets").
    """
    return rotate_password(manager, secret.arn, {"username": "app", **(_current(manager, secret) or {})}).password


def current_password(manager: Any, secret: SecretFacts) -> str | None:
    """The password under AWSCURRENT, or None when the value has no such key."""
    password = (_current(manager, secret) or {}).get("password")
    return password if isinstance(password, str) else None


def _current(manager: Any, secret: SecretFacts) -> dict[str, Any] | None:
    """The JSON object under AWSCURRENT; None when the value is none, or there is no value."""
    try:
        return json_value(manager.get_secret_value(SecretId=secret.arn, VersionStage="AWSCURRENT"))
    except ClientError:
        return None


def run_rotation_drill(
    manager: Any,
    terraform: Terraform,
    workspace: Workspace,
    secret: SecretFacts,
    facts: Facts,
    versions: Sequence[SecretVersion],
) -> Rotation:
    """Rotate, edit, plan, apply, read back.

    :param versions: the secret's version resources. Empty when the module has none: then nothing is edited.
    """
    password = rotate(manager, secret)
    edit = edit_placeholder(facts, workspace, versions, f"EDITED_{secrets.token_hex(4)}_")
    plan_path = workspace.directory / DRILL_PLAN
    planned = terraform.plan(plan_path)
    if not planned.ok and edit.places:
        # The literal goes through something that takes no edit, such as base64decode: then the argument itself is edited.
        edit.undo()
        edited = json.dumps({"username": "app", "password": "CHANGED_PLACEHOLDER_" + secrets.token_hex(6)})
        addresses = {in_module(v.config_address) for v in versions}
        workspace.write_override(facts.tree, edited, only=addresses.__contains__)
        planned = terraform.plan(plan_path)
    applied = terraform.apply(plan_path) if planned.ok else None
    errors: tuple[SourceDiagnostic, ...] = ()
    for run in (planned, applied):
        if run is not None and not run.ok:
            errors += learner_diagnostics(run, workspace)
    places = {
        **_run_output("plan output", planned),
        **(_run_output("apply output", applied) if applied else {}),
        **{
            path.name: path.read_bytes()
            for path in sorted(workspace.directory.glob("terraform.tfstate*"))
            if path.is_file()
        },
    }
    if plan_path.is_file():
        places |= dict(plan_file_parts(plan_path.read_bytes()))
    workspace.remove_override()
    edit.undo()
    rotation = RotationFacts(
        version=min((v.config_address for v in versions), default=None),
        edited=edit.places,
        planned_well=planned.ok,
        planned=tuple(
            sorted(
                f"{change.action} {without_indexes(change.address)}"
                for change in planned.changes
                if change.action not in ("noop", "no-op", "read")
            )
        ),
        applied=applied is not None and applied.ok,
        errors=errors,
        survived=current_password(manager, secret) == password,
        leaks=find(password, places),
    )
    return Rotation(rotation, password)


def _run_output(name: str, run: RunResult) -> dict[str, bytes]:
    """What a call says to whoever watches it: outputs, changes and diagnostics."""
    return {name: repr((run.outputs, run.changes, run.diagnostics)).encode(errors="replace")}
