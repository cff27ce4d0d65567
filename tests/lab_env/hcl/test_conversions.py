"""Values that Terraform converts on the way, and steps that mean different things behind ``.*`` and ``[*]``."""

from __future__ import annotations

import pytest

from lab_env.hcl import UNKNOWN, constant, load_tree


def value(text: str) -> object:
    tree = load_tree([("main.tf", f"locals {{\n  x = {text}\n}}\n")], ".")
    return constant(tree, "", tree.nodes[""].module.locals["x"].expression)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"10" < "9"', False),
        ('!"false"', True),
        ('"true" ? 1 : 2', 1),
        ('"yes" ? 1 : 2', UNKNOWN),
        ('"%{ if "false" }a%{ else }b%{ endif }"', "b"),
        ('"2" * 3', 6),
        ("[] == tolist([])", False),
        ("[] != tolist([])", True),
        ("[1] == [1]", True),
        ("[{ a = [1, 2] }, { a = [3, 4] }].*.a[0]", [1, 2]),
        ("[{ a = [1, 2] }, { a = [3, 4] }][*].a[0]", [1, 3]),
        ('substr("password", -4, 2)', "wo"),
        ('substr("password", 2, -1)', "ssword"),
    ],
)
def test_values(text: str, expected: object) -> None:
    """Is the value what Terraform works out, or unknown where it refuses?"""
    assert value(text) == expected
