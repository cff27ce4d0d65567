"""Version 6 of the provider in version 5's words: what is respelled, what is refused, and what is none of it."""

from __future__ import annotations

import pytest

from lab_env.hcl import load_tree, parse
from lab_env.provider_spellings import respelled, respellings

SECRET = 'resource "aws_secretsmanager_secret" "s" {\n  name   = "x"\n  %s\n}\n'
REGION = 'data "aws_region" "r" {}\n'


def read(text: str) -> tuple[str, list[str]]:
    """The text for version 5, and what cannot be told it."""
    tree = load_tree([("main.tf", text)], ".")
    places, unknown = respellings(tree, {"main.tf": text})
    out = respelled("main.tf", text, places)
    assert out.count("\n") == text.count("\n")
    parse("main.tf", out)
    return out, [one.message for one in unknown]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (REGION + "locals {\n  a = data.aws_region.r.region\n}\n", "data.aws_region.r.name"),
        (REGION + 'locals {\n  a = "é ${data.aws_region.r.region}."\n}\n', "${data.aws_region.r.name}."),
        ("locals {\n  a = aws_secretsmanager_secret_version.v[0].secret_arn\n}\n", "secret_version.v[0].arn"),
    ],
)
def test_names(text: str, words: str) -> None:
    """Is a name of version 6 read as version 5's, in its place?"""
    out, unknown = read(text)
    assert words in out
    assert unknown == []


@pytest.mark.parametrize(
    "argument",
    [
        'region = "us-east-1"',
        "region = local.r",
        "region = data.aws_region.r.region # the provider's",
        "region = data.aws_region.r.name",
        'type = "x"',
    ],
)
def test_arguments_that_are_left_out(argument: str) -> None:
    """Is an argument that says what is so anyway left out?"""
    out, unknown = read(SECRET % argument + REGION + 'locals {\n  r = "us-east-1"\n}\n')
    block = parse("main.tf", out).blocks[0]
    assert set(block.body.attributes) == {"name"}
    assert unknown == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SECRET % 'region = "eu-west-1"', "asks for eu-west-1"),
        (SECRET % "region = aws_kms_key.k.arn", "is not known before the plan"),
        (SECRET % 'region = ("us-east-1")', "cannot be left out by itself"),
        (
            SECRET % "region = data.aws_region.r.region" + 'data "aws_region" "r" {\n  region = "eu-west-1"\n}\n',
            "not known",
        ),
        ('resource "aws_ecs_service" "s" {\n  sigint_rollback = true\n}\n', "version 6"),
        (
            'resource "aws_ecs_service" "s" {\n  deployment_configuration {\n  }\n}\n',
            "version 5 of the AWS provider grades",
        ),
    ],
)
def test_what_version_5_cannot_be_told(text: str, words: str) -> None:
    """Is another region, and what only version 6 knows, told with its reason?"""
    _, unknown = read(text)
    assert any(words in message for message in unknown), unknown


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SECRET % 'type = "x"', None),
        (SECRET % "region = data.aws_region.r.region", None),
        (REGION + "locals {\n  a = data.aws_region.r.region\n}\n", None),
        ('resource "aws_ecs_service" "s" {\n  sigint_rollback = true\n}\n', None),
        (SECRET % 'region = "eu-west-1"', "asks for eu-west-1"),
        (SECRET % "region = aws_kms_key.k.arn", "is not known before the plan"),
    ],
)
def test_where_version_6_grades(text: str, words: str | None) -> None:
    """Are version 6's words left to it, but for a region that is not the provider's, and does nothing speak of version 5?"""
    text = text if REGION in text else text + REGION
    places, unknown = respellings(load_tree([("main.tf", text)], "."), {"main.tf": text}, version_6=True)
    assert places == []
    messages = [one.message for one in unknown]
    assert len(messages) == (words is not None)
    assert all(words is not None and words in message and "version 5" not in message for message in messages)


@pytest.mark.parametrize(
    "text",
    [
        SECRET % 'region = "us-east-1" /* x\n  */',
        SECRET % 'region = "us-east-1" /* */ provisioner "x" {\n  }',
        SECRET % "type = <<E\n}\nprovider x {}\nE",
        SECRET % 'type = "${file("x")}"',
    ],
)
def test_what_hides_behind_an_argument(text: str) -> None:
    """Is an argument with anything behind it on its line, or of more than a plain value, refused and not cut out?"""
    tree_text = text.replace(' provisioner "x" {\n  }', "")
    out, unknown = read(tree_text)
    assert unknown != []
    assert out == tree_text


@pytest.mark.parametrize(
    "text",
    [
        "locals {\n  a = var.secret_arn\n  b = aws_secretsmanager_secret.s.region\n}\n",
        'resource "aws_iam_role" "r" {\n  region = "eu-west-1"\n}\n',
        'resource "aws_kms_key" "k" {\n  tags = {\n    region = "eu-west-1"\n  }\n}\n',
        'variable "v" {\n  type = string\n}\n',
        "locals {\n  a = { region = 1, type = 2 }\n  b = data.aws_region.r.name\n}\n",
        'locals {\n  a = "data.aws_region.r.region" # data.aws_region.r.region\n}\n',
    ],
)
def test_what_is_none_of_it(text: str) -> None:
    """Is everything else left as it is?"""
    assert read(text) == (text, [])
