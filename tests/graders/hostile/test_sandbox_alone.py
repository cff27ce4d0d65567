"""The sandbox behind the gate: with the gate off and the sandbox on, what fires without the sandbox does no harm either."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from lab_env import processes, workspace
from lab_env.engine import Account
from lab_env.sandbox import OPEN
from lab_env.submission import load_submission
from lab_env.terraform import Terraform, Toolchain
from lab_env.terraform.facade import MEMORY_LIMIT
from lab_env.terraform.locate import child_environment
from tests.conftest import missing
from tests.graders.hostile.canaries import ATTACKS, Attack, Canaries
from tests.graders.hostile.test_sandbox_off import FIRING, SAMPLE

pytestmark = pytest.mark.terraform


@pytest.fixture
def walled(toolchain: Toolchain) -> Toolchain:
    """Terraform in the sandbox that this machine has; bubblewrap and a closed network must be among them."""
    if not {"bubblewrap", "network"} <= set(toolchain.sandbox.layers):
        missing(f"bubblewrap and a closed network do not stand here: {' '.join(toolchain.sandbox.notes)}")
    return toolchain


@pytest.mark.parametrize(
    "attack",
    [pytest.param(a, id=a.name, marks=() if a.name in SAMPLE else pytest.mark.full) for a in FIRING],
)
def test_harmless_behind_the_second_wall(attack: Attack, here: Canaries, walled: Toolchain, tmp_path: Path) -> None:
    """When the gate lets the attack through: is no file made, no listener called and no secret told all the same?"""
    module = tmp_path / "run"
    shutil.copytree(attack.module(here), module, symlinks=True)
    shutil.rmtree(here.handed)  # what Terraform is given is a copy, as in a grading
    here.handed.mkdir()
    said = [_run(walled, module, words) for words in attack.commands()]
    states = [path.read_text() for path in module.glob("*.tfstate")]
    assert here.sang(*said, *states) == []


@pytest.mark.engine
@pytest.mark.full
def test_a_program_on_an_allowed_resource(here: Canaries, account: Account, walled: Toolchain, tmp_path: Path) -> None:
    """A provisioner that the gate let through: it runs, and can neither make a file outside nor stop the apply's marks?"""
    attack = next(a for a in ATTACKS if a.name == "local-exec-on-the-key")
    made = workspace.create(
        load_submission(attack.write(here)),
        tmp_path / "run",
        account=account,
        environments=("dev",),
        provider_version=walled.provider_version,
    )
    terraform = Terraform(made.directory, toolchain=walled, endpoint=account.endpoint)
    assert terraform.init().ok
    applied = terraform.apply()
    assert "local-exec provisioner error" in {error.summary for error in applied.errors}
    assert here.sang() == []


def _run(toolchain: Toolchain, directory: Path, words: list[str]) -> str:
    """What Terraform says in the sandbox, with no configuration that keeps it at home."""
    sandbox = toolchain.sandbox
    sandbox.let_in(directory)
    environment = child_environment(toolchain.cli_config)
    del environment["TF_CLI_CONFIG_FILE"]
    done = processes.run(
        sandbox.command([*toolchain.terraform, *words, "-no-color"], directory, scratch=True),
        cwd=directory,
        env={**environment, "TF_REGISTRY_DISCOVERY_RETRY": "0"},
        timeout=240,
        limits=processes.Limits(data_bytes=MEMORY_LIMIT),
    )
    return (done.stdout + done.stderr).decode("utf-8", "replace")


def test_they_would_fire(here: Canaries, walled: Toolchain, tmp_path: Path) -> None:
    """Is it the sandbox that keeps the canaries still: does the same call without them set one singing?"""
    attack = next(a for a in FIRING if a.name == "local-exec-on-terraform-data")
    module = tmp_path / "run"
    shutil.copytree(attack.module(here), module, symlinks=True)
    bare = replace(walled, sandbox=OPEN)
    for words in (["init", "-input=false"], ["apply", "-auto-approve", "-input=false", "-var", "environment=dev"]):
        _run(bare, module, words)
    assert here.sang() == ["the file appeared"]
