"""What HCL's data flow gives away, and what only looks like it."""

from __future__ import annotations

import json

import pytest

from graders.evidence.facts import Facts
from graders.evidence.plan import EnvironmentPlan, PlanFacts, PlannedResource
from graders.gate import GateReport
from graders.model import Depth, Outcome
from graders.rubric.steps.plaintext import no_plaintext
from lab_env.hcl import load_tree
from lab_env.submission import SourceFile, Submission
from tests.graders.rubric.credentials.labelled.labelled import Labelled
from tests.graders.rubric.credentials.labelled.measure import holds


def found(text: str, file: str = "main.tf") -> bool:
    return holds(Labelled("test", file, text, "credential", "test", "own", "test"))


_SECRET = 'resource "aws_secretsmanager_secret_version" "first" { secret_string = var.value }\nvariable "value" {}\n'


@pytest.mark.parametrize(
    "text",
    [
        'password = strrev("2kdhh28dK")',
        'password = substr("kT9vLq2Zx81wPm", -14, 14)',
        'password = "10" < "9" ? "CHANGE_ME" : "kT9vLq2Zx81wPm"',
        'password = !"false" ? "kT9vLq2Zx81wPm" : "CHANGE_ME"',
        'password = [] == tolist([]) ? "CHANGE_ME" : "kT9vLq2Zx81wPm"',
        'password = "%{ if "true" }kT9vLq2Zx81wPm%{ else }CHANGE_ME%{ endif }"',
        'password = [{ a = ["CHANGE_ME", "kT9vLq2Zx81wPm"] }, { a = ["CHANGE_ME"] }].*.a[0][1]',
        'variable "config" {\n  type = object({ password = optional(string, "tiger") })\n}',
        'variable "db_password" {\n  description = "Defaults to mV2j05FfLG1 in dev"\n}',
        'variable "passwords" {\n  default = { dev = "hG8x0qBQZO" }\n}',
        'database_secret = "Rost-Anker-19"',
        'redis_auth = "Fjord7!Lampe"',
        "password = 12345678",
        'password = "CHANGE_ME" # was 4!84w7W*Mm04',
        'command = ["mysqladmin", "ping", "-uroot", "-pnfXntq3Z73rX"]',
        'url = "postgres://app:tiger@${var.host}/orders"',
    ],
)
def test_given_away(text: str) -> None:
    """Is a credential found wherever it flows, also through functions, conditions, types and lists?"""
    assert found(text)


@pytest.mark.parametrize(
    "text",
    [
        'secret_key = "password"',
        'db_password_env = "DB_PASSWORD"',
        "token_validity = 3600",
        'DB_PASSWORD = "${aws_secretsmanager_secret.db.arn}:password::"',
        'keys = { DB_PASSWORD = "password", DB_USER = "username" }',
        'names = { DB_PASSWORD = "dev-database-credentials", TOKEN = "dev-token" }',
        'environment = [{ name = "PASSWORD_ENCODER", value = "bcrypt" }]',
        'environment = [{ name = "API_KEY_HEADER", value = "X-Api-Key" }]',
        'database_secret = "dev-database-credentials"',
        'access_key = "test"\n  secret_key = "test"\n  endpoint = "http://localhost:4566"',
        "# Rotates the password: nightly, 32 characters (v2.1).",
    ],
)
def test_not_given_away(text: str) -> None:
    """Is a name, a number, an address or LocalStack's documented key no credential?"""
    assert not found(text)


def test_dummy_keys_elsewhere() -> None:
    """Is LocalStack's key a credential where no emulator is spoken of?"""
    assert found('secret_key = "test1x"\n  endpoint = "https://example.org"')


@pytest.mark.parametrize(
    ("output", "leaks"),
    [
        ("aws_iam_role.exec.tags", True),
        ('aws_iam_role.exec.tags["Seed"]', True),
        ('aws_iam_role.exec.tags["Name"]', False),
        ("aws_iam_role.exec.arn", False),
        ("aws_iam_role.exec.name", False),
        ("aws_secretsmanager_secret_version.first.version_id", False),
        ("terraform_data.copy.output", True),
    ],
)
def test_outputs_through_resources(output: str, leaks: bool) -> None:
    """Is a value that comes out of another resource's argument handed out, and what is beside it not?"""
    text = (
        _SECRET
        + """
resource "aws_iam_role" "exec" {
  name = "exec"
  tags = { Seed = aws_secretsmanager_secret_version.first.secret_string, Name = "exec" }
}
resource "terraform_data" "copy" {
  input = aws_secretsmanager_secret_version.first.secret_string
}
output "told" {
"""
        + f"  value = {output}\n}}\n"
    )
    assert found(text) is leaks


@pytest.mark.parametrize(
    "text",
    [
        'passwords = ["qB1zV5uVaql", "QUxh54fy8jC"]',
        "db_password = <<EOT\nt.sA00VrXWj_46Zj\nEOT",
        'db = { user = "app", pass = "tiger" }',
    ],
)
def test_variable_files(text: str) -> None:
    """Are lists, maps and heredocs of a .tfvars read as Terraform reads them?"""
    assert found(text, "terraform.tfvars")


@pytest.mark.parametrize(
    ("expression", "planned", "leaks"),
    [
        # Functions that are not worked out here, on constants that look like nothing.
        ('jsonencode({ username = "u", password = join("", regexall("..", "kT9vLq2Zx81w")) })', "kT9vLq2Zx81w", True),
        ('jsonencode({ username = "u", password = join("", regexall("[A-Z]+_?", "CHANGE_ME")) })', "CHANGE_ME", False),
        # What the files tell is judged there.
        ('jsonencode({ username = "u", password = "CHANGE_ME" })', "kT9vLq2Zx81w", False),
    ],
)
def test_the_plan_is_asked_where_the_files_do_not_tell(expression: str, planned: str, leaks: bool) -> None:
    """Where the value of an argument is not worked out: is it looked for in the plan, with the line that it comes from?"""
    text = f'resource "aws_secretsmanager_secret_version" "v" {{\n  secret_id     = "s"\n  secret_string = {expression}\n}}\n'
    address = "module.secrets.aws_secretsmanager_secret_version.v"
    resource = PlannedResource(
        address=address,
        config_address=address,
        mode="managed",
        type="aws_secretsmanager_secret_version",
        name="v",
        index=None,
        values={"secret_id": "s", "secret_string": json.dumps({"username": "u", "password": planned})},
        unknown={},
    )
    plan = PlanFacts(environments=(EnvironmentPlan(environment="dev", resources=(resource,)),))
    submission = Submission("s", "", (SourceFile("main.tf", text.encode()),), ".")
    gate = GateReport(True, (), (), load_tree([("main.tf", text)], "."))
    outcome = no_plaintext.check(Facts(submission, Depth.PLAN, gate, plan))
    assert isinstance(outcome, Outcome)
    told = [one.detail for one in outcome.evidence if one.detail and "the plan has" in one.detail]
    assert bool(told) is leaks
    assert all(one.line == 3 for one in outcome.evidence if one.detail in told)
    assert planned not in str(outcome) or not leaks
