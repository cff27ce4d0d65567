"""The rotation drill: rotate once by API, change the placeholder, apply, and look at what is left of the rotated value.

Rotating and planning alone proves nothing: the provider reads a fixed version id, so the plan is clean with or without
``ignore_changes``. What ``ignore_changes`` really does shows when the placeholder is edited in HCL. The drill rotates exactly
once: after two rotations AWS may delete the version that Terraform tracks.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any

from graders.evidence.deployed import SecretFacts
from graders.evidence.drills import RotationFacts
from graders.evidence.leak_scan import find, plan_file_parts
from graders.evidence.planning import learner_diagnostics
from graders.model import SourceDiagnostic
from lab_env.hcl import ModuleTree
from lab_env.hcl.addresses import CALL, without_indexes
from lab_env.rotation import json_value, rotate_password
from lab_env.terraform import RunResult, Terraform
from lab_env.workspace import Workspace

DRILL_PLAN = "drill.tfplan"


@dataclass(frozen=True)
class Rotation:
    """The drill's facts, and the rotated password for the launch drill (kept in memory only, never in evidence)."""

    facts: RotationFacts
    password: str


def current_password(manager: Any, secret: SecretFacts) -> str | None:
    """The password under AWSCURRENT, or None when the value has no such key."""
    value = json_value(manager.get_secret_value(SecretId=secret.arn, VersionStage="AWSCURRENT"))
    password = value.get("password") if value else None
    return password if isinstance(password, str) else None


def run_rotation_drill(
    manager: Any,
    terraform: Terraform,
    workspace: Workspace,
    secret: SecretFacts,
    tree: ModuleTree,
    versions: frozenset[str],
) -> Rotation:
    """Rotate, edit, plan, apply, read back.

    :param versions: config addresses (in the module under test) of the secret's version resources. Empty when the module
        has none: then only the rotation happens.
    """
    password = rotate_password(manager, secret.arn, {"username": "app", "rotated": "by the drill"}).password
    if not versions:
        return Rotation(
            RotationFacts(version=None, planned=(), applied=False, errors=(), survived=True, leaks=()), password
        )
    edited = json.dumps({"username": "app", "password": "CHANGED_PLACEHOLDER_" + secrets.token_hex(6)})
    workspace.write_override(tree, edited, only=versions.__contains__)
    plan_path = workspace.directory / DRILL_PLAN
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
    facts = RotationFacts(
        version=f"{CALL}.{min(versions)}",
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
    return Rotation(facts, password)


def _run_output(name: str, run: RunResult) -> dict[str, bytes]:
    """What a call says to whoever watches it: outputs, changes and diagnostics."""
    return {name: repr((run.outputs, run.changes, run.diagnostics)).encode(errors="replace")}
