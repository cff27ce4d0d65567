"""Addresses as Terraform prints them."""

from __future__ import annotations

import json
import string
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_env.hcl.addresses import hcl_string, in_module, without_indexes
from lab_env.terraform import Toolchain

LABEL = st.text(string.ascii_lowercase + "_", min_size=1, max_size=6)
KEY = st.text(st.sampled_from([*string.ascii_letters, *string.digits, *'.[]"\\ -/${}%\n\té']), max_size=8)
INDEX = st.one_of(st.just(""), st.integers(0, 99).map("[{}]".format), KEY.map(lambda key: f"[{hcl_string(key)}]"))
STEP = st.tuples(LABEL, INDEX)
AWKWARD = (
    "plain",
    "a.b[0]",
    'say "so"',
    "back\\slash",
    "]",
    "[",
    "${dollar}",
    "%{percent}",
    "é",
    "line\nend",
    "\x1b",
    "",
)


@given(st.lists(STEP, min_size=1, max_size=5))
def test_without_indexes(steps: list[tuple[str, str]]) -> None:
    """Is an address without its indexes the block's address, whatever dots, brackets and quotes a key holds?"""
    address = ".".join(name + index for name, index in steps)
    assert without_indexes(address) == ".".join(name for name, _ in steps)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("aws_kms_key.k", "aws_kms_key.k"),
        ("aws_kms_key.k[0]", "aws_kms_key.k"),
        ('aws_x.y["a.b[0]"]', "aws_x.y"),
        ('module.a["x.y"].aws_kms_key.k["]"]', "module.a.aws_kms_key.k"),
        ('module.a["\\"]"].aws_kms_key.k', "module.a.aws_kms_key.k"),
        ('module.a["unfinished', "module.a"),
        ("module.a[", "module.a"),
        ("", ""),
    ],
)
def test_known_forms(address: str, expected: str) -> None:
    """Do the known forms come out as they should, an unfinished one too?"""
    assert without_indexes(address) == expected


def test_in_module() -> None:
    """Is the generated root's own call taken off, and no module of the learner's that is called alike?"""
    assert in_module("module.secrets.module.secrets.aws_kms_key.k") == "module.secrets.aws_kms_key.k"
    assert in_module("module.secrets_2.aws_kms_key.k") == "module.secrets_2.aws_kms_key.k"


@pytest.mark.terraform
def test_as_terraform_prints_them(toolchain: Toolchain, tmp_path: Path) -> None:
    """Are addresses with awkward keys, in resources and in modules, those of ``terraform show -json``, and found without them?"""
    keys = ", ".join(map(hcl_string, AWKWARD))
    resource = f'resource "terraform_data" "this" {{\n  for_each = toset([{keys}])\n}}\n'
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "main.tf").write_text('resource "terraform_data" "counted" {\n  count = 2\n}\n')
    call = f'module "inner" {{\n  source   = "./inner"\n  for_each = toset([{keys}])\n}}\n'
    (tmp_path / "main.tf").write_text(resource + call)
    for command in (["init", "-input=false"], ["plan", "-input=false", "-out=it.tfplan"]):
        subprocess.run([*toolchain.terraform, *command], cwd=tmp_path, check=True, capture_output=True)
    shown = subprocess.run(
        [*toolchain.terraform, "show", "-json", "it.tfplan"], cwd=tmp_path, check=True, capture_output=True
    )
    changes = json.loads(shown.stdout)["resource_changes"]
    own = {change["index"]: change["address"] for change in changes if change["name"] == "this"}
    assert own == {key: f"terraform_data.this[{hcl_string(key)}]" for key in AWKWARD}
    inner = {change["module_address"] for change in changes if change["name"] == "counted"}
    assert inner == {f"module.inner[{hcl_string(key)}]" for key in AWKWARD}
    assert {without_indexes(change["address"]) for change in changes} == {
        "terraform_data.this",
        "module.inner.terraform_data.counted",
    }
