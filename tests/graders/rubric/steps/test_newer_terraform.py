"""What is written for a newer Terraform than the one that grades."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from graders.evidence.facts import Facts
from graders.model import SourceDiagnostic
from graders.rubric.steps.module import _of_a_newer_terraform
from lab_env.hcl import load_tree

TEXT = """variable "v" {
  const = true
}
output "o" {
  type  = string
  value = "x"
}
locals {
  a = convert("1", number)
  b = nonsense("1")
}
"""


@pytest.mark.parametrize(
    ("line", "words"), [(1, ""), (2, "const of variable"), (5, "type of output"), (6, ""), (9, "convert"), (10, "")]
)
def test_which_version_knows_it(line: int, words: str) -> None:
    """Is the version told for what 1.15 brought, on the error's own line, and nothing for any other error?"""
    facts = cast(Facts, SimpleNamespace(tree=load_tree([("main.tf", TEXT)], ".")))
    said = _of_a_newer_terraform(facts, SourceDiagnostic(summary="x", path="main.tf", line=line))
    assert words in said
    assert bool(said) == bool(words)
    assert not said or "Terraform 1.15 or newer" in said
