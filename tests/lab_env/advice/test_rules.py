"""Each rule by itself: what was said, the learner's file, the sentence and the line."""

from __future__ import annotations

import re

import pytest

from graders.quality.mistakes.run import kept
from lab_env.advice import Said, explain
from lab_env.advice.rules import RULES, Rule
from tests.lab_env.advice.test_put_right import WRITTEN

VARIABLE = 'variable "environment" {\n  type = string\n}\n'
ROLE = """resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Efect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "ecs-tasks.amazonaws.com" } }]
  })
}
"""
TASK = """resource "aws_ecs_task_definition" "app" {
  family                   = "app"
  requires_compatibilities = ["FARGATE"]
  container_definitions = jsonencode([{
    name = "app"
  }])
}
"""
CASES: list[tuple[str, str, int | None, str, str | None]] = [
    (
        "Invalid value for input variable: The given value is not suitable for module.secrets.var.environment declared at …",
        'variable "environment" {\n  type = number\n}\n',
        None,
        "string",
        "  type = string",
    ),
    (
        "Variables not allowed: Variables may not be used here.",
        'variable "a" {\n  default = var.b\n}\n',
        2,
        "no reference",
        None,
    ),
    (
        'Missing required argument: The argument "secret_id" is required, but no definition was found.',
        'resource "aws_secretsmanager_secret_version" "a" {\n  secret = "b"\n}\n',
        1,
        "needs secret_id (line 2)",
        '  secret_id = "b"',
    ),
    (
        'Unsupported attribute: This object has no argument, nested block, or exported attribute named "all".',
        'resource "aws_kms_key" "a" {\n  lifecycle {\n    ignore_changes = ["all"]\n  }\n}\n',
        3,
        "without quotes",
        "    ignore_changes = all",
    ),
    (
        'Unsupported attribute: This object has no argument, nested block, or exported attribute named "aws_kms_key".',
        'resource "aws_kms_key" "a" {\n  lifecycle {\n    ignore_changes = [aws_kms_key.a.tags]\n  }\n}\n',
        3,
        "names alone",
        "    ignore_changes = [tags]",
    ),
    (
        'Reference to undeclared module: No module call named "secrets" is declared in module.secrets.',
        'resource "aws_kms_key" "a" {\n}\nlocals {\n  a = module.secrets.aws_kms_key.a.arn\n}\n',
        4,
        "without the module's name",
        "  a = aws_kms_key.a.arn",
    ),
    (
        'Reference to undeclared resource: A managed resource "main" "arn" has not been declared in module.secrets.',
        'resource "aws_kms_key" "main" {\n}\nlocals {\n  a = main.arn\n}\n',
        4,
        "begins with the type",
        "  a = aws_kms_key.main.arn",
    ),
    (
        "Invalid reference: A reference to a resource type must be followed by at least one attribute access.",
        'resource "aws_kms_key" "main" {\n}\nlocals {\n  a = aws_kms_key["main"].arn\n}\n',
        4,
        "full stop",
        "  a = aws_kms_key.main.arn",
    ),
    (
        'Incorrect attribute value type: Inappropriate value for attribute "tags": element "A": string required, but have tuple.',
        'resource "aws_kms_key" "a" {\n  tags = {\n    A = ["b"]\n  }\n}\n',
        2,
        "one text",
        '    A = "b"',
    ),
    (
        'Incorrect attribute value type: Inappropriate value for attribute "tags": map of string required, but have string.',
        'resource "aws_kms_key" "a" {\n  tags = "A=b"\n}\n',
        2,
        "not a text",
        '  tags = { A = "b" }',
    ),
    (
        "Invalid reference: A reference to a resource type must be followed by at least one attribute access.",
        'resource "aws_kms_key" "a" {\n  enable_key_rotation = enabled\n}\n',
        2,
        "true or false",
        "  enable_key_rotation = true",
    ),
    (
        "Invalid expression: Expected the start of an expression, but found an invalid expression token.",
        "locals {\n  a =\n}\n",
        2,
        "a has no value",
        None,
    ),
    (
        'Attribute redefined: The argument "a" was already set at modules/secrets/main.tf:2,3-4. Each may …',
        "locals {\n  a = 1\n  a = 2\n}\n",
        3,
        "in line 2 and in line 3",
        None,
    ),
    (
        "Unterminated object constructor expression: There is no corresponding closing brace before the end of the file.",
        'resource "aws_kms_key" "a" {\n  tags = {\n    A = "a"\n}\n',
        2,
        "line 2 opens",
        '    A = "a"\n  }',
    ),
    (
        "Unterminated tuple constructor expression: There is no corresponding closing bracket before the end of the file.",
        'locals {\n  a = [\n    "b",\n}\n',
        2,
        "] is missing",
        '    "b",\n  ]',
    ),
    (
        "Unterminated function call: There is no closing parenthesis for this function call before the end of the file.",
        'locals {\n  a = jsonencode({ b = "c" }\n}\n',
        2,
        ") is missing",
        '  a = jsonencode({ b = "c" })',
    ),
    (
        "Invalid single-argument block definition: Single-line block syntax can include only one argument definition.",
        'resource "aws_kms_key" "a" { description = "a", is_enabled = true }\n',
        1,
        "a line of its own",
        'resource "aws_kms_key" "a" {\n  description = "a"\n  is_enabled = true\n}',
    ),
    (
        "Unbalanced parentheses: Expected a closing parenthesis to terminate the expression.",
        'locals {\n  a = jsonencode((\n    b = "c"\n  })\n}\n',
        3,
        "{ }",
        "  a = jsonencode({",
    ),
    (
        'Invalid escape sequence: The symbol "d" is not a valid escape sequence selector.',
        'a = "\\d"',
        1,
        "two of them",
        None,
    ),
    (
        'Insufficient statement blocks: At least 1 "statement" blocks are required.',
        'data "aws_iam_policy_document" "a" {\n}\n',
        1,
        "statement",
        None,
    ),
    ('Too many lifecycle blocks: No more than 1 "lifecycle" blocks are allowed', "", 1, "once", None),
    (
        "Variables not allowed: Variables may not be used here.",
        'variable "a" {\n  default = dev\n}\n',
        2,
        "quotes",
        '  default = "dev"',
    ),
    (
        "Invalid expression: A single static variable reference is required: only attribute access and indexing.",
        'resource "aws_kms_key" "a" {\n  depends_on = ["aws_iam_role.app.arn"]\n}\n',
        2,
        "without quotes",
        "  depends_on = [aws_iam_role.app]",
    ),
    (
        "Unsupported attribute: Can't access attributes on a primitive-typed value (string).",
        'locals {\n  a = "b-" . var.environment\n}\n',
        2,
        "joins no texts",
        '  a = "b-${var.environment}"',
    ),
    (
        "Unsupported attribute: Can't access attributes on a primitive-typed value (string).",
        'locals {\n  a = "b-${var.environment.name}"\n}\n',
        2,
        "one value",
        '  a = "b-${var.environment}"',
    ),
    ('Error in function call: Call to function "format" failed: not enough arguments.', "", 1, "words say why", None),
    ('Reference to undeclared module: No module call named "a" is declared.', "", 1, "module block", None),
    (
        'Invalid reference: The "var" object cannot be accessed directly. Instead, access one of its attributes.',
        VARIABLE + 'locals {\n  a = "${var}"\n}\n',
        5,
        "full stop",
        '  a = "${var.environment}"',
    ),
    (
        'Unexpected resource instance key: Because aws_kms_key.a does not have "count" or "for_each" set …',
        "locals {\n  a = aws_kms_key.a[0].arn\n}\n",
        2,
        "without count",
        "  a = aws_kms_key.a.arn",
    ),
    ('Too many function arguments: Function "jsonencode" expects only 1 argument(s).', "", 1, "another number", None),
    ("Invalid value for variable: no", "", 1, "validation", None),
    ("Invalid default value for variable: This default value is not compatible.", "", 1, "type", None),
    ("Output refers to sensitive values: To reduce the risk …", "", 1, "sensitive = true", None),
    (
        'Invalid for_each argument: The "for_each" map includes keys derived from resource attributes.',
        "",
        1,
        "known",
        None,
    ),
    (
        "A block of type variable is not allowed here: a locals block has no such block.",
        "",
        1,
        "closing brace missing",
        None,
    ),
    ("A block of type provisioner is not allowed here: it runs programs.", "", 1, "Terraform alone", None),
    ("Module a has the source modules/b, where there is no .tf file.", "", 1, "directory", None),
    ("The provider google is not part of this lab: only hashicorp/aws, under the name aws.", "", 1, "aws alone", None),
    ("In required_providers only source and version are allowed.", "", 1, "source and a version", None),
    ("In a terraform block, experiments is not allowed: only versions are.", "", 1, "versions only", None),
    (
        "The function file takes a literal path inside the module, such as file(…)",
        'locals {\n  a = file("./policy.json")\n}\n',
        2,
        "path.module",
        '  a = file("${path.module}/policy.json")',
    ),
    ("The function file reads a.json, but there is no such file in the submission; …", "", 1, "a.json", None),
    ("The function abspath is not allowed: it tells where the grader's files are.", "", 1, "abspath", None),
    ("a.tf.json is Terraform in JSON syntax; write it in .tf syntax.", "", None, ".tf", None),
    ("override.tf is an override file; write its settings into the blocks themselves.", "", None, "other files", None),
    ("Terraform and the grader read this file differently from this line on", "", 1, "plainly", None),
    (
        "invalid value for name (must match [\\w+=,.@-])",
        'resource "aws_iam_role" "a" {\n  name = "my role"\n}\n',
        2,
        "blanks",
        '  name = "my-role"',
    ),
    (
        "ECS Task Definition container_definitions is invalid: Error decoding JSON: invalid character",
        TASK,
        4,
        "container_definitions",
        None,
    ),
    ("ECS Task Definition container_definitions is invalid: null entry", TASK, 4, "list of containers", None),
    ("Conflicting configuration arguments", "", 1, "exclude each other", None),
    (
        "creating ECS Task Definition (app): ClientException: Fargate requires task definition to have execution role ARN.",
        TASK,
        1,
        "execution_role_arn",
        None,
    ),
    (
        "creating ECS Task Definition (app): ClientException: Invalid setting for container 'app'. At least one of 'memory' or"
        " 'memoryReservation' must be specified.",
        TASK,
        1,
        "cpu and memory",
        "  cpu                      = 256\n  memory                   = 512",
    ),
    ("creating …: ClientException: Container.image should not be null or empty.", TASK, 1, "image", None),
    ("creating …: ClientException: Container list cannot be empty.", TASK, 1, "one object for each", None),
    (
        "creating …: ClientException: The secret name must be unique and not shared with any …, such as 'DB_PASSWORD'.",
        TASK,
        1,
        "DB_PASSWORD",
        None,
    ),
    (
        "creating …: ClientException: Invalid secret source. 'valueFrom' of 'A' is the ARN of a resource of s3.",
        TASK,
        1,
        "ARN",
        None,
    ),
    (
        "creating …: InvalidRequestException: … a secret with this name is already scheduled for deletion.",
        "",
        1,
        "window",
        None,
    ),
    ("creating IAM Role (app): EntityAlreadyExists: Role with name app already exists.", "", 1, "already", None),
    (
        "creating KMS Alias: NotAuthorizedException: The alias prefix alias/aws/ is reserved for AWS managed keys.",
        'resource "aws_kms_alias" "a" {\n  name = "alias/aws/a"\n}\n',
        2,
        "AWS's own",
        '  name = "alias/a"',
    ),
    (
        "creating KMS Alias: ValidationException: Alias must start with the prefix alias/.",
        'resource "aws_kms_alias" "a" {\n  name = "my key"\n}\n',
        2,
        "alias/",
        '  name = "alias/my-key"',
    ),
    (
        'creating IAM Role (app): MalformedPolicyDocument: In statement 1 Effect is "allow"; AWS knows Allow and Deny.',
        'resource "aws_iam_role" "app" {\n  assume_role_policy = jsonencode({ Statement = [{ Effect = "allow" }] })\n}\n',
        1,
        "capital",
        '  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow" }] })',
    ),
    (
        'creating IAM Policy: MalformedPolicyDocument: Version is "2024-01-01"; AWS knows 2012-10-17 and 2008-10-17.',
        'resource "aws_iam_policy" "a" {\n  policy = jsonencode({ Version = "2024-01-01", Statement = [] })\n}\n',
        1,
        "2012-10-17",
        '  policy = jsonencode({ Version = "2012-10-17", Statement = [] })',
    ),
    ("creating …: MalformedPolicyDocument: In statement 1 there is no Principal; a policy …", ROLE, 1, "who may", None),
    (
        "creating …: MalformedPolicyDocument: In statement 1 of an identity policy there is a Principal; …",
        ROLE,
        1,
        "no principal",
        None,
    ),
    (
        "creating …: MalformedPolicyDocument: In statement 1 of a trust policy there is a Resource; …",
        ROLE,
        1,
        "no resource",
        None,
    ),
    (
        "creating …: MalformedPolicyDocument: In statement 1 there is neither Resource nor NotResource.",
        ROLE,
        1,
        "on what",
        None,
    ),
    (
        "creating …: MalformedPolicyDocument: In statement 1 there is neither Action nor NotAction.",
        ROLE,
        1,
        "may be done",
        None,
    ),
    (
        'creating …: MalformedPolicyDocument: In statement 1 there is the element "Efect", which IAM policies do not have.',
        ROLE,
        1,
        "Effect",
        '    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "ecs-tasks.amazonaws.com" } }]',
    ),
    (
        "creating …: MalformedPolicyDocument: A policy document is not valid JSON (line 3: …).",
        ROLE,
        1,
        "jsonencode",
        None,
    ),
    (
        'creating …: MalformedPolicyDocument: … In statement 1: "ecs-tasks.amazonaws.com" is no account, role, user or session.',
        ROLE,
        1,
        "Service",
        '    Statement = [{ Efect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]',
    ),
    (
        "creating IAM Role: ValidationError: 1 validation …: Value at 'roleName' failed to satisfy constraint: Member must …",
        'resource "aws_iam_role" "a" {\n  name = "my role"\n}\n',
        1,
        "blanks",
        '  name = "my-role"',
    ),
]
FILE = "modules/secrets/main.tf"


@pytest.mark.parametrize(("said", "text", "line", "means", "put_right"), CASES)
def test_a_rule(said: str, text: str, line: int | None, means: str, put_right: str | None) -> None:
    """Does it say what the error means, and write the line where it can be known?"""
    found = explain(Said(said, path=FILE, line=line), {FILE: text})
    assert found is not None
    assert means in found.means
    assert found.line == put_right


def _tried() -> list[str]:
    said = [
        f"{one.summary.rstrip('.')}: {one.detail}" if one.detail else one.summary
        for h in kept().values()
        for one in h.said
    ]
    return [" ".join(text.split()) for text in (*said, *(case[0] for case in CASES))]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.said.pattern[:60])
def test_no_rule_is_untried(rule: Rule) -> None:
    """Is there, for each rule, something that was said: by Terraform, the gate or AWS in a run, or here?"""
    assert WRITTEN
    assert any(rule.said.match(text) for text in _tried())


def test_what_nobody_has_written_down() -> None:
    """Is nothing said about an error that no rule knows?"""
    assert explain(Said("The moon is full", path=FILE, line=1), {FILE: "a = 1"}) is None


def test_names_of_lines() -> None:
    """Can a notebook call a line by its number in the cell?"""
    text = 'resource "aws_kms_key" "a" {\n  tags = {\n    A = "a"\n  }\n'
    said = Said("Unclosed configuration block: There is no closing brace", path=FILE, line=1)
    found = explain(said, {FILE: text}, name_line=lambda line: f"line {line + 1} of this cell")
    assert found is not None
    assert "line 2 of this cell opens" in found.means


def test_no_line_that_cannot_be_seen() -> None:
    """Is a line left out in which something is hidden, such as a sign that turns the direction of writing round?"""
    text = 'locals {\n  a = "x\u202e",\n}\n'
    found = explain(Said("Unexpected comma after argument: …", path=FILE, line=2), {FILE: text})
    assert found is not None
    assert (found.line, "\u202e" in found.means) == (None, False)


def test_no_line_longer_than_anybody_reads() -> None:
    """Is a long line left out, and the learner's text cut where a sentence quotes it?"""
    text = f"locals {{\n  a = {'b' * 900} c\n}}\n"
    found = explain(Said("Missing newline after argument: …", path=FILE, line=2), {FILE: text})
    assert found is not None
    assert found.line is None
    assert len(found.means) < 300


def test_sentences_are_plain() -> None:
    """Is each sentence of a run one sentence for people: it begins with a capital or a name, ends once, shows no Python?"""
    from graders.quality.mistakes.run import advised
    from graders.quality.mistakes.table import load

    heard = kept()
    for mistake in load():
        means = advised(mistake, heard[mistake.id]).means
        assert means.endswith("."), means
        assert not re.search(r"None|\\u|Said\(|Violation|message=|<lab_env", means), means


def test_both_lines_are_called_as_the_reader_sees_them() -> None:
    """Are both places of what is declared twice lines of the cell, where the cell is what the learner reads?"""
    text = "\n" * 4 + 'output "a" {\n}\noutput "a" {\n}\n'
    said = Said("output.a is declared twice; the first is in o.tf line 5.", "", "o.tf", 7)
    advice = explain(said, {"o.tf": text}, name_line=lambda line: f"line {line - 4} of this cell")
    assert advice is not None
    assert "stands in o.tf line 3 of this cell and in o.tf line 1 of this cell" in advice.means
