"""With the sandbox off the attacks do fire: Terraform, started plainly on them, sets the canaries singing.

Without this a harmless payload would pass every other test here.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from lab_env import workspace
from lab_env.engine import Account
from lab_env.sandbox import OPEN
from lab_env.submission import load_submission
from lab_env.terraform import Terraform, Toolchain
from tests.graders.hostile.canaries import ATTACKS, Attack, Canaries

pytestmark = pytest.mark.terraform

FIRING = [attack for attack in ATTACKS if attack.fires is not None]
# One of each kind: a program, an address, a file, a state, a backend, a module, and what only a template runs.
SAMPLE = (
    "local-exec-on-terraform-data",
    "local-exec-when-destroyed",
    "json-syntax",
    "remote-state-by-http",
    "remote-state-of-a-neighbour",
    "backend-local",
    "module-over-http",
    "file-in-base64",
    "template-in-a-comment",
    "template-from-a-string",
)


def test_there_are_enough() -> None:
    """Can a good half of the attacks on Terraform be fired here, with nothing but Terraform itself?"""
    assert len(FIRING) >= 40


@pytest.mark.parametrize(
    "attack",
    [pytest.param(a, id=a.name, marks=() if a.name in SAMPLE else pytest.mark.full) for a in FIRING],
)
def test_fires(attack: Attack, here: Canaries, toolchain: Toolchain) -> None:
    """Does the attack do its harm when Terraform runs it and nobody looked at it before?"""
    module = attack.module(here)
    said = [_run(toolchain, module, words) for words in attack.commands()]
    states = [path.read_text() for path in module.glob("*.tfstate")]
    assert here.sang(*said, *states) != [], said


@pytest.mark.engine
@pytest.mark.full
def test_fires_on_an_allowed_resource(here: Canaries, account: Account, toolchain: Toolchain, tmp_path: Path) -> None:
    """Does a provisioner on one of the lesson's own resources run when the grader's workspace is made without the gate?"""
    attack = next(a for a in ATTACKS if a.name == "local-exec-on-the-key")
    made = workspace.create(
        load_submission(attack.write(here)),
        tmp_path / "run",
        account=account,
        environments=("dev",),
        provider_version=toolchain.provider_version,
    )
    terraform = Terraform(made.directory, toolchain=replace(toolchain, sandbox=OPEN), endpoint=account.endpoint)
    assert terraform.init().ok
    terraform.apply()
    assert here.sang() == ["the file appeared"]


def _run(toolchain: Toolchain, directory: Path, words: list[str]) -> str:
    """What Terraform says in an environment as empty as the grader's, but with no configuration that keeps it at home."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(directory),
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
        "TF_REGISTRY_DISCOVERY_RETRY": "0",
    }
    done = subprocess.run(
        [*toolchain.terraform, *words, "-no-color"],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return done.stdout + done.stderr
