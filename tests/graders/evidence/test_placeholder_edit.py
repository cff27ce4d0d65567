"""Where the drill edits the first password, held against Terraform's own reading of what comes out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from graders.evidence.facts import Facts
from graders.evidence.placeholder_edit import edit_placeholder
from graders.evidence.versions import versions_of_secret
from graders.gate import check
from graders.model import Depth
from lab_env import workspace
from lab_env.engine import Account
from lab_env.hcl import constant, load_tree
from lab_env.submission import load_submission

HEAD = 'variable "environment" {\n  type = string\n}\n\nresource "aws_secretsmanager_secret" "s" {\n  name = "x"\n}\n\n'
VERSION = (
    'resource "aws_secretsmanager_secret_version" "v" {{\n  secret_id = aws_secretsmanager_secret.s.id\n  {}\n}}\n'
)


def edited(
    directory: Path, text: str, files: Mapping[str, str] = MappingProxyType({})
) -> tuple[object, tuple[str, ...], bool]:
    """The secret's value after the edit, where it was edited, and whether undoing it gives the file back."""
    source = directory / "in" / "modules" / "secrets"
    source.mkdir(parents=True)
    for name, content in {"main.tf": text, **files}.items():
        (source / name).write_bytes(content.encode())
    submission = load_submission(directory / "in", id="one")
    facts = Facts(submission=submission, depth=Depth.STATIC, gate=check(submission))
    made = workspace.create(
        submission, directory / "out", account=Account("123456789012", "http://127.0.0.1:4566", "us-east-1")
    )
    copied = directory / "out" / workspace.SUBMISSION_DIR

    def copies() -> dict[str, str]:
        return {str(p.relative_to(copied)): p.read_bytes().decode() for p in copied.rglob("*") if p.is_file()}

    before = copies()
    edit = edit_placeholder(facts, made, versions_of_secret(facts), "EDITED_")
    now = copies()
    tree = load_tree([("modules/secrets/main.tf", now["modules/secrets/main.tf"])], "modules/secrets", read=now.get)
    ((path, block),) = tree.resources("aws_secretsmanager_secret_version")
    argument = block.body.get("secret_string") or block.body.get("secret_string_wo")
    assert argument is not None
    value = constant(tree, path, argument, variables={"environment": "dev"})
    edit.undo()
    return value, edit.places, copies() == before


@pytest.mark.parametrize(
    "body",
    [
        'secret_string = jsonencode({ username = "app", password = "CHANGE_ME" })',
        'secret_string = jsonencode({ "username" : "app", "password" : "CHANGE_ME" })',
        'secret_string = "{\\"username\\":\\"app\\",\\"password\\":\\"CHANGE_ME\\"}"',
        'secret_string = <<-EOT\n    {"username": "app", "password": "CHANGE_ME"}\n  EOT',
        'secret_string = "{\\"username\\": \\"${var.user}\\", \\"password\\": \\"CHANGE_ME\\"}"',
        "secret_string = jsonencode(local.value)",
        "secret_string = local.text",
        'secret_string = jsonencode({ username = "app", password = var.first })',
        'secret_string = jsonencode({ username = "app", password = format("%s_%s", "CHANGE", "ME") })',
        "secret_string_wo = jsonencode(local.value)\n  secret_string_wo_version = 1",
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_the_password_changes_and_nothing_else(tmp_path: Path, body: str, ends: str) -> None:
    """Is it the password's literal that is edited, wherever it stands, and is the file as it was afterwards?"""
    text = (
        HEAD + 'locals {\n  value = { username = "app", password = "CHANGE_ME" }\n  text = jsonencode(local.value)\n}\n'
    )
    text += 'variable "user" {\n  default = "app"\n}\n'
    text += 'variable "first" {\n  default = "CHANGE_ME"\n}\n' + VERSION.format(body)
    value, places, undone = edited(tmp_path, text.replace("\n", ends))
    assert isinstance(value, str)
    found = json.loads(value)
    assert found["username"] == "app"
    assert found["password"].startswith("EDITED_")
    assert found["password"] != "CHANGE_ME"
    assert places
    assert all(place.startswith("modules/secrets/main.tf:") for place in places)
    assert undone


@pytest.mark.parametrize(
    ("body", "content", "place"),
    [
        ('file("${path.module}/x")', '{"username": "app", "password": "CHANGE_ME"}\n', "x:1"),
        ('file("${path.module}/x")', '{\r\n  "username": "app",\r\n  "password": "CHANGE_ME"\r\n}', "x:3"),
        (
            'jsonencode(jsondecode(file("${path.module}/x")))',
            '{\n  "username": "app",\n  "password": "CHANGE_ME"\n}',
            "x:3",
        ),
        (
            'templatefile("${path.module}/x", { name = "app" })',
            '\ufeff{\n  "username": "${name}",\n  "password": "CHANGE_ME"\n}\n',
            "x:3",
        ),
        (
            'templatefile("${path.module}/x", { value = { username = "app", password = "CHANGE_ME" } })',
            "${jsonencode(value)}",
            "main.tf:11",
        ),
        ('templatefile("${path.module}/x", {})', '${jsonencode({ username = "app", password = "CHANGE_ME" })}', "x:1"),
    ],
)
def test_the_password_in_a_file_that_is_read(tmp_path: Path, body: str, content: str, place: str) -> None:
    """Is a placeholder edited in the file from which the module reads it, and is that file as it was afterwards?"""
    text = HEAD + VERSION.format(f"secret_string = {body}")
    value, places, undone = edited(tmp_path, text, {"x": content})
    assert isinstance(value, str)
    found = json.loads(value)
    assert (found["username"], found["password"]) == ("app", "EDITED_CHANGE_ME")
    assert places == (f"modules/secrets/{place}",)
    assert undone


def test_nothing_to_edit(tmp_path: Path) -> None:
    """Is a password that comes from no literal left alone?"""
    text = HEAD + 'ephemeral "aws_secretsmanager_random_password" "p" {\n}\n'
    generated = "ephemeral.aws_secretsmanager_random_password.p.random_password"
    body = f'secret_string_wo = jsonencode({{ username = "a", password = {generated} }})'
    _, places, _ = edited(tmp_path, text + VERSION.format(body))
    assert places == ()
