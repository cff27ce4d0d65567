"""The root module that we write: no name of the learner's is more than a name in it, although no gate reads it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lab_env import workspace
from lab_env.engine import Account
from lab_env.hcl import parse
from lab_env.sandbox import OPEN
from lab_env.submission import load_submission
from lab_env.terraform import Terraform, Toolchain
from tests.graders.hostile.canaries import ATTACKS, Canaries

pytestmark = pytest.mark.terraform
ATTACK = next(attack for attack in ATTACKS if attack.name == "output-that-is-a-configuration")


def initialise(handed: Path, directory: Path, toolchain: Toolchain) -> workspace.Workspace:
    """What a grading does first, with no gate and no sandbox before it."""
    account = Account("123456789012", "http://127.0.0.1:1")
    made = workspace.create(
        load_submission(handed), directory, account=account, provider_version=toolchain.provider_version
    )
    bare = replace(toolchain, sandbox=OPEN)
    Terraform(made.directory, toolchain=bare, endpoint=account.endpoint).init()
    return made


def test_an_outputs_name_is_no_configuration(
    here: Canaries, toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the gate: does an output whose name is a module block call nobody, as it did when names were not looked at?"""
    handed = ATTACK.write(here)
    made = initialise(handed, tmp_path / "as it is", toolchain)
    assert here.sang() == []
    root = parse("main.tf", (made.directory / workspace.ROOT_FILE).read_text())
    assert [(block.type, block.labels) for block in root.blocks] == [
        ("terraform", ()),
        ("provider", ("aws",)),
        ("module", ("secrets",)),
    ]
    monkeypatch.setattr(workspace, "is_identifier", lambda name: True)
    initialise(handed, tmp_path / "mend taken out", toolchain)
    assert any("the listener was called" in said for said in here.sang())
