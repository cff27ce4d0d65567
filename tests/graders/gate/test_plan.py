"""The second check: real plans against the closed lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graders.gate import check_plan
from graders.gate.lists import MAX_PLANNED_RESOURCES
from lab_env import workspace
from lab_env.engine import Account
from lab_env.submission import load_submission
from lab_env.terraform import LanePool, Terraform, Toolchain

pytestmark = pytest.mark.terraform


def plan(terraform: Terraform) -> dict[str, Any]:
    assert terraform.init().ok
    run = terraform.plan(terraform.directory / "plan")
    assert run.ok, run.diagnostics
    return terraform.show(terraform.directory / "plan")


def builtin(directory: Path, toolchain: Toolchain, text: str) -> dict[str, Any]:
    """A plan that needs no provider but the one inside Terraform."""
    child = directory / "child"
    child.mkdir(parents=True)
    (child / "main.tf").write_text(text)
    (directory / "main.tf").write_text('module "secrets" {\n  source = "./child"\n}\n')
    return plan(Terraform(directory, toolchain=toolchain))


def test_a_type_and_a_provisioner_that_the_gate_missed(tmp_path: Path, toolchain: Toolchain) -> None:
    """Would a plan with another type, another provider and a provisioner be stopped before its apply?"""
    document = builtin(
        tmp_path / "w",
        toolchain,
        'resource "terraform_data" "x" {\n  provisioner "local-exec" {\n    command = "true"\n  }\n}\n',
    )
    found = {(v.address, v.summary.split(" ")[1]) for v in check_plan(document)}
    assert found == {
        (None, "provider"),
        ("module.secrets.terraform_data.x", "type"),
        ("module.secrets.terraform_data.x", "provider"),
        ("module.secrets.terraform_data.x", "provisioner"),
    }


@pytest.mark.parametrize("extra", [0, 1])
def test_number_of_planned_resources(tmp_path: Path, toolchain: Toolchain, extra: int) -> None:
    """Is the sixtieth resource fine and the one after it too many?"""
    count = MAX_PLANNED_RESOURCES + extra
    document = builtin(tmp_path / "w", toolchain, f'resource "terraform_data" "x" {{\n  count = {count}\n}}\n')
    found = [(v.summary, v.address) for v in check_plan(document) if "resources are planned" in v.summary]
    assert found == ([("61 resources are planned (at most 60).", "module.secrets")] if extra else [])


def test_a_plan_without_its_parts_is_refused() -> None:
    """Does a document that is no plan fail closed?"""
    assert check_plan({})
    assert check_plan({"planned_values": {}, "configuration": None})


@pytest.mark.engine
def test_the_reference_passes(tmp_path: Path, toolchain: Toolchain, account: Account) -> None:
    """Does the plan of a right solution pass, under two environments at once, and not when its provider is another?"""
    solution = Path(__file__).parents[3] / "solutions" / "reference"
    made = workspace.create(
        load_submission(solution),
        tmp_path / "w",
        account=account,
        environments=("dev", "prod"),
        provider_version=toolchain.provider_version,
    )
    with LanePool(1, toolchain=toolchain) as pool, pool.lane() as lane:
        document = plan(Terraform(made.directory, toolchain=toolchain, lane=lane, endpoint=account.endpoint))
    assert check_plan(document) == ()
    document["configuration"]["provider_config"]["module.secrets:aws"] = {
        "full_name": "registry.terraform.io/hashicorp/aws",
        "module_address": "module.secrets",
        "expressions": {"profile": {"constant_value": "default"}},
    }
    assert [v.summary for v in check_plan(document)] == [
        "The provider configuration module.secrets:aws is not the grader's own."
    ]
