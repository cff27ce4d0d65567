"""What a block's structure keeps, and what it does not notice."""

from __future__ import annotations

from collections import Counter

import pytest

from graders.similarity.reading import Room, read_text
from graders.similarity.structure import units
from lab_env.hcl import parse
from solutions.corpus import load_corpus
from tests.graders.similarity.planting import DISGUISES, Files, files_of, seeded

BLOCK = """\
resource "aws_iam_role" "execution" {
  name = "${var.environment}-app" # who it is
  path = "/ecs/"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole" }]
  })
}
"""


def structure(text: str) -> list[str]:
    """The words of a text's units, one string a unit."""
    return [" ".join(token.text for token in unit.tokens) for unit in units(parse("a.tf", text))]


def whole(files: Files) -> Counter[str]:
    """The structure of a submission, without regard to where its blocks stand."""
    return Counter(unit for text in files.values() for unit in structure(text))


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_disguise_changes_no_structure(disguise: str) -> None:
    """Is the structure of every design that is no variation of another the same in each disguise, to the last word?"""
    for case in (case for case in load_corpus().of_kind("alternative") if case.base is None):
        files = files_of(case)
        assert whole(DISGUISES[disguise](files, seeded(case.name))) == whole(files), case.name


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('path = "/ecs/"', ""),
        ("jsonencode(", "yamlencode("),
        ("var.environment", "local.environment"),
        ('"aws_iam_role"', '"aws_iam_user"'),
        ("Effect = ", "Condition = "),
        ('"/ecs/"', "7"),
    ],
)
def test_another_design_is_another_structure(old: str, new: str) -> None:
    """Does the structure change when an argument, a function, a reference, a type, a key or a number does?"""
    assert structure(BLOCK.replace(old, new)) != structure(BLOCK)


def test_a_structure_in_full() -> None:
    """Does it read as described: names and texts replaced, arguments in their own order?"""
    assert structure(BLOCK) == [
        'resource aws_iam_role{ assume_role_policy= jsonencode( { Statement= [ { Action= " Effect= " } ] Version= " } ) '
        'name= < var.* " > path= " }'
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a = x.one.arn", "a = x.two.arn"),
        ("a = data.x.one.arn", "a = data.x.two.arn"),
        ("a = local.one.two", "a = local.three.four"),
        ("a = x.one[0].arn", "a = x.two[1].arn"),
        ('a = "${x.one.arn}"', "a = x.one.arn"),
        ('a = "512"', "a = 512"),
        ("a = [for k, v in var.x : v.y]", "a = [for q, w in var.z : w.u]"),
        ("a = (1 + 2)", "a = 1 + 2"),
        ('a = { b = 1, description = "c" }', "a = { b = 1 }"),
    ],
)
def test_what_makes_no_difference(one: str, other: str) -> None:
    """Are two ways to write the same thing one structure?"""
    assert structure(f"t {{\n{one}\n}}\n") == structure(f"t {{\n{other}\n}}\n")


def test_locals_are_units_of_their_own() -> None:
    """Do local values stand alone, so that it does not matter which block they are in?"""
    together = 'locals {\n  a = 1\n  b = "x"\n}\n'
    apart = 'locals {\n  c = "y"\n}\nlocals {\n  d = 1\n}\n'
    assert Counter(structure(together)) == Counter(structure(apart))


def test_tokens_know_their_lines() -> None:
    """Does each token carry the lines it stands on, though they are in another order?"""
    (unit,) = units(parse("a.tf", BLOCK))
    assert (unit.title, unit.line, unit.end_line) == ("aws_iam_role.execution", 1, 8)
    assert {t.text: t.line for t in unit.tokens if t.text.endswith("=")} == {
        "name=": 2,
        "path=": 3,
        "assume_role_policy=": 4,
        "Version=": 5,
        "Statement=": 6,
        "Effect=": 6,
        "Action=": 6,
    }


def test_one_broken_block_spoils_no_other() -> None:
    """Are the blocks around a broken one read as HCL, at their own lines, and the broken one by its words?"""
    text = f'variable "a" {{\n  type = string\n}}\n\nresource "x" "y" {{\n  b = = 7\n}}\n\n{BLOCK}'
    found = read_text("a.tf", text, Room())
    assert not found.parsed
    assert [(u.title, u.line, u.end_line) for u in found.units] == [
        ("var.a", 1, 3),
        ("text that is no HCL", 5, 7),
        ("aws_iam_role.execution", 9, 16),
    ]
    assert [t.text for t in found.units[1].tokens] == ["resource", '"', '"', "{", "b", "7", "}"]
    assert [(w.shown, w.line) for w in found.words if w.kind == "name"] == [("a", 1), ("y", 5), ("execution", 9)]


def test_a_missing_brace_is_put_back() -> None:
    """Is a block that is only not closed read as HCL?"""
    found = read_text("a.tf", BLOCK.rstrip().removesuffix("}"), Room())
    assert [u.title for u in found.units] == ["aws_iam_role.execution"]
    assert " ".join(t.text for t in found.units[0].tokens) == structure(BLOCK)[0]


def test_a_text_that_looks_like_a_comment() -> None:
    """Does a text that begins with a comment's marker cost nothing but its own block?"""
    found = read_text("a.tf", f'variable "a" {{\n  default = "# x"\n}}\n{BLOCK}', Room())
    assert [u.line for u in found.units] == [1, 4]
    assert " ".join(t.text for t in found.units[1].tokens) == structure(BLOCK)[0]
    assert not [w for w in found.words if w.kind == "comment"]
