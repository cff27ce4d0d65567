"""What Terraform and AWS take, and nobody meant."""

from __future__ import annotations

import pytest

from lab_env.advice import silent

FILE = "modules/secrets/main.tf"
KEY = 'resource "aws_kms_key" "a" {\n}\n'
JSON = """resource "aws_secretsmanager_secret_version" "a" {
  secret_string = <<EOT
{
  "username": "admin",
}
EOT
}
"""


@pytest.mark.parametrize(
    ("text", "first", "last", "means"),
    [
        (KEY + 'locals {\n  a = "aws_kms_key.a.arn"\n}\n', 3, 5, "In line 4 aws_kms_key.a.arn stands in quotes"),
        (KEY + 'locals {\n  a = "$${aws_kms_key.a.arn}"\n}\n', 3, 5, "In line 4: $${ stands for"),
        (KEY + 'locals {\n  a = "{{ aws_kms_key.a.arn }}"\n}\n', 3, 5, "In line 4: {{ }}"),
        (JSON, 2, 6, "line 4 ends with one"),
    ],
)
def test_it_is_said(text: str, first: int, last: int, means: str) -> None:
    """Is there a sentence that names the line?"""
    found = silent(FILE, first, last, {FILE: text})
    assert found is not None
    assert means in found


@pytest.mark.parametrize(
    "text",
    [
        KEY + 'locals {\n  a = "aws_kms_key.b.arn"\n}\n',  # of something that there is not
        KEY + 'locals {\n  a = "${aws_kms_key.a.arn}"\n}\n',
        KEY + "locals {\n  a = aws_kms_key.a.arn\n}\n",
        JSON.replace('admin",', 'admin"'),
        "",
    ],
)
def test_what_is_right_is_left_alone(text: str) -> None:
    """Is nothing said about what means what it says?"""
    assert silent(FILE, 1, 9, {FILE: text}) is None
