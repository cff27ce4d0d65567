"""Texts that no parser reads, each with the line that does: what Terraform's own parser says to it is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.gate import check
from lab_env.advice import explain
from lab_env.submission import Submission, load_submission
from solutions.corpus import load_corpus, materialise

MODULE = "modules/secrets"
WRITTEN: list[tuple[str, str, str, str | None]] = [
    (
        "kms.tf",
        '"Encrypts the application\'s secrets"',
        "\"Encrypts the application's secrets",
        '  description             = "Encrypts the application\'s secrets"',
    ),
    (
        "kms.tf",
        'description             = "Encrypts the application\'s secrets"',
        "description             = Encrypts the application's secrets\"",
        '  description             = "Encrypts the application\'s secrets"',
    ),
    (
        "kms.tf",
        '"alias/app-secrets-${var.environment}"',
        '"alias/app-secrets-${var.environment',
        '  name          = "alias/app-secrets-${var.environment}"',
    ),
    (
        "kms.tf",
        '"alias/app-secrets-${var.environment}"',
        'alias/app-secrets-${var.environment}"',
        '  name          = "alias/app-secrets-${var.environment}"',
    ),
    (
        "kms.tf",
        '"alias/app-secrets-${var.environment}"',
        '"alias/app-secrets-"${var.environment}',
        '  name          = "alias/app-secrets-${var.environment}"',
    ),
    (
        "kms.tf",
        '"alias/app-secrets-${var.environment}"',
        "“alias/app-secrets-${var.environment}”",
        '  name          = "alias/app-secrets-${var.environment}"',
    ),
    (
        "kms.tf",
        '"alias/app-secrets-${var.environment}"',
        "'alias/app-secrets-${var.environment}'",
        '  name          = "alias/app-secrets-${var.environment}"',
    ),
    (
        "kms.tf",
        '"alias/app-secrets-${var.environment}"',
        'f"alias/app-secrets-{var.environment}"',
        '  name          = "alias/app-secrets-${var.environment}"',
    ),
    ("iam.tf", 'actions   = ["kms:Decrypt"]', 'actions   = ["kms:Decrypt"', '    actions   = ["kms:Decrypt"]'),
    ("iam.tf", 'actions   = ["kms:Decrypt"]', 'actions   = "kms:Decrypt"]', '    actions   = ["kms:Decrypt"]'),
    (
        "iam.tf",
        'actions   = ["kms:Decrypt"]',
        'actions   = ["kms:Decrypt", kms:DescribeKey]',
        '    actions   = ["kms:Decrypt", "kms:DescribeKey"]',
    ),
    (
        "iam.tf",
        'actions   = ["kms:Decrypt"]',
        'actions   = [\n      "kms:Decrypt"\n      "kms:DescribeKey"\n    ]',
        '      "kms:Decrypt",',
    ),
    (
        "iam.tf",
        'actions   = ["kms:Decrypt"]',
        'actions   = ["kms:Decrypt"; "kms:DescribeKey"]',
        '    actions   = ["kms:Decrypt", "kms:DescribeKey"]',
    ),
    ("iam.tf", 'actions   = ["kms:Decrypt"]', 'actions   = {"kms:Decrypt"}', '    actions   = ["kms:Decrypt"]'),
    ("iam.tf", 'actions   = ["kms:Decrypt"]', 'actions   : ["kms:Decrypt"]', '    actions   = ["kms:Decrypt"]'),
    ("iam.tf", 'actions   = ["kms:Decrypt"]', '"actions": ["kms:Decrypt"],', '    actions = ["kms:Decrypt"]'),
    (
        "iam.tf",
        '    sid       = "DecryptWithItsKey"',
        "    sid       = DecryptWithItsKey,",
        "    sid       = DecryptWithItsKey",
    ),
    (
        "iam.tf",
        '  statement {\n    sid       = "DecryptWithItsKey"',
        '  statement\n    sid       = "DecryptWithItsKey"',
        "  statement {",
    ),
    (
        "iam.tf",
        '      identifiers = ["ecs-tasks.amazonaws.com"]\n    }\n',
        '      identifiers = ["ecs-tasks.amazonaws.com"]\n',
        '      identifiers = ["ecs-tasks.amazonaws.com"]\n    }',
    ),
    ("secret.tf", "  secret_string = jsonencode({", "  secret_string = jsonencode{", "  secret_string = jsonencode({"),
    ("secret.tf", "  secret_string = jsonencode({", "  secret_string = jsonencode((", "  secret_string = jsonencode({"),
    ("secret.tf", '    username = "admin"\n', '    "username": "admin"\n    "x" "y"\n', '    "x" = "y"'),
    ("secret.tf", '    username = "admin"\n', '    username = "admin",,\n', '    username = "admin",'),
    ("secret.tf", '    username = "admin"\n', "    username = admin user\n", '    username = "admin user"'),
    (
        "secret.tf",
        "  tags = {\n    Environment = var.environment\n  }",
        "  tags = { Environment = var.environment",
        "  tags = { Environment = var.environment\n  }",
    ),
    (
        "secret.tf",
        "  tags = {\n    Environment = var.environment\n  }",
        "  tags = {\n    Environment = var.environment,\n    ManagedBy: Terraform\n  ",
        "    ManagedBy: Terraform\n  }",
    ),
    (
        "secret.tf",
        "  tags = {\n    Environment = var.environment\n  }",
        '  tags {Environment = var.environment, ManagedBy = "Terraform"}',
        '  tags {\n    Environment = var.environment\n    ManagedBy = "Terraform"\n  }',
    ),
    (
        "secret.tf",
        "  tags = {\n    Environment = var.environment\n  }",
        "  tags = {\n    Environment = var.environment\n  )",
        "  }",
    ),
    ("secret.tf", "  lifecycle {", "  lifecycle: {", "  lifecycle {"),
    ("secret.tf", "  lifecycle {", "  lifecycle (", None),
    (
        "secret.tf",
        'resource "aws_secretsmanager_secret" "database" {',
        'resource "aws_secretsmanager_secret" "database" (',
        'resource "aws_secretsmanager_secret" "database" {',
    ),
    (
        "secret.tf",
        'resource "aws_secretsmanager_secret" "database" {',
        'resource "aws_secretsmanager_secret", "database" {',
        'resource "aws_secretsmanager_secret" "database" {',
    ),
    (
        "secret.tf",
        'resource "aws_secretsmanager_secret" "database" {',
        "resource aws_secretsmanager_secret.database {",
        'resource "aws_secretsmanager_secret" "database" {',
    ),
    (
        "secret.tf",
        'resource "aws_secretsmanager_secret" "database" {',
        'resource "aws_secretsmanager_secret" "database" {{',
        'resource "aws_secretsmanager_secret" "database" {',
    ),
    (
        "secret.tf",
        'resource "aws_secretsmanager_secret" "database" {',
        'resource "aws_secretsmanager_secret" "database":',
        'resource "aws_secretsmanager_secret" "database" {',
    ),
    (
        "secret.tf",
        'resource "aws_secretsmanager_secret" "database" {',
        "resource 'aws_secretsmanager_secret' 'database' {",
        'resource "aws_secretsmanager_secret" "database" {',
    ),
    (
        "secret.tf",
        'resource "aws_secretsmanager_secret" "database" {',
        "resource “aws_secretsmanager_secret” “database” {",
        'resource "aws_secretsmanager_secret" "database" {',
    ),
    (
        "secret.tf",
        'resource "aws_secretsmanager_secret" "database" {',
        'Resource "aws_secretsmanager_secret" "database" {',
        'resource "aws_secretsmanager_secret" "database" {',
    ),
    (
        "secret.tf",
        'resource "aws_secretsmanager_secret" "database" {',
        'aws_secretsmanager_secret "database" {',
        'resource "aws_secretsmanager_secret" "database" {',
    ),
    (
        "secret.tf",
        'resource "aws_secretsmanager_secret" "database" {',
        'resource "aws_secretsmanager_secret" "my" "database" {',
        None,
    ),
    (
        "secret.tf",
        'resource "aws_secretsmanager_secret" "database" {',
        'resource "aws_secret_manager_secret" "database" {',
        'resource "aws_secretsmanager_secret" "database" {',
    ),
    ("secret.tf", "  recovery_window_in_days = 7", "  recovery_window_in_days := 7", "  recovery_window_in_days = 7"),
    ("secret.tf", "  recovery_window_in_days = 7", "  recovery_window_in_days = ", None),
    (
        "secret.tf",
        "  recovery_window_in_days = 7",
        "  recovery_window_in_days = 7 days",
        "  recovery_window_in_days = 7",
    ),
    ("secret.tf", "  recovery_window_in_days = 7", "  recovery window in days = 7", "  recovery_window_in_days = 7"),
    ("secret.tf", "  recovery_window_in_days = 7", '  recovery_window_in_days = "7', '  recovery_window_in_days = "7"'),
    (
        "secret.tf",
        "  recovery_window_in_days = 7",
        "  recovery_window_in_days = 7 kms_key_id = aws_kms_key.secrets.arn",
        None,
    ),
    ("secret.tf", "  recovery_window_in_days = 7", "  recovery_window_in_days = ７", "  recovery_window_in_days = 7"),
    (
        "secret.tf",
        "  recovery_window_in_days = 7",
        "  recovery_window_in_days = 7\n  This keeps it for a week",
        "  # This keeps it for a week",
    ),
    (
        "secret.tf",
        "  recovery_window_in_days = 7",
        "  recovery_window_in_days = 7\n  recovery_window_in_days = 7",
        None,
    ),
    ("ecs.tf", '      name      = "app"\n', "      name      = app;\n", "      name      = app"),
    (
        "ecs.tf",
        '      name      = "app"\n',
        '      "name" = "app"\n      image: nginx:latest\n',
        '      image: "nginx:latest"',
    ),
    ("ecs.tf", "    },\n  ])\n", "    },\n  )\n", "  ])"),
    ("ecs.tf", "    },\n  ])\n", "  ])\n", "    }\n  ])"),
    ("ecs.tf", "    },\n  ])\n", "    },\n  ]\n", "  ])"),
    (
        "ecs.tf",
        '      environment = [\n        { name = "APP_ENVIRONMENT", value = var.environment },\n      ]\n',
        '      environment = [\n        { name = "APP_ENVIRONMENT", value = var.environment },\n',
        '        { name = "APP_ENVIRONMENT", value = var.environment },\n      ]',
    ),
    (
        "ecs.tf",
        '"${aws_secretsmanager_secret.database.arn}:password::"',
        '"${aws_secretsmanager_secret.database.arn:password::}"',
        '        { name = "DB_PASSWORD", valueFrom = "${aws_secretsmanager_secret.database.arn}:password::" },',
    ),
    (
        "ecs.tf",
        '"${aws_secretsmanager_secret.database.arn}:password::"',
        '"${aws_secretsmanager_secret.database.arn:password::"',
        '        { name = "DB_PASSWORD", valueFrom = "${aws_secretsmanager_secret.database.arn}:password::" },',
    ),
    (
        "ecs.tf",
        '"${aws_secretsmanager_secret.database.arn}:password::"',
        "${aws_secretsmanager_secret.database.arn}:password::",
        '        { name = "DB_PASSWORD", valueFrom = "${aws_secretsmanager_secret.database.arn}:password::" },',
    ),
    (
        "ecs.tf",
        '"${aws_secretsmanager_secret.database.arn}:password::"',
        'aws_secretsmanager_secret.database.arn":password::"',
        '        { name = "DB_PASSWORD", valueFrom = "${aws_secretsmanager_secret.database.arn}:password::" },',
    ),
    (
        "ecs.tf",
        '"${aws_secretsmanager_secret.database.arn}:password::"',
        "'${aws_secretsmanager_secret.database.arn}:password::'",
        '        { name = "DB_PASSWORD", valueFrom = "${aws_secretsmanager_secret.database.arn}:password::" },',
    ),
    (
        "ecs.tf",
        "  cpu                      = 256",
        "  cpu                      = 256,\n  // half\n",
        "  cpu                      = 256",
    ),
    (
        "ecs.tf",
        "  cpu                      = 256",
        "  cpu                      = 256  memory2",
        '  cpu                      = "256  memory2"',
    ),
    (
        "ecs.tf",
        "  cpu                      = 256",
        "  - cpu                      = 256",
        "  cpu                      = 256",
    ),
    ("variables.tf", 'variable "environment" {', "variable environment", "variable environment {"),
    ("variables.tf", 'variable "environment" {', 'variable "environment" = {', 'variable "environment" {'),
    ("variables.tf", 'variable "environment" {', 'var "environment" {', 'variable "environment" {'),
    ("variables.tf", "  type        = string\n}", "  type        = string", "  type        = string\n}"),
    ("outputs.tf", 'output "kms_key_arn" {', 'output "kms key arn" {', 'output "kms_key_arn" {'),
    (
        "outputs.tf",
        "  value       = aws_kms_key.secrets.arn\n",
        "  value       = ${aws_kms_key.secrets.arn}\n",
        "  value       = aws_kms_key.secrets.arn",
    ),
    (
        "outputs.tf",
        "  value       = aws_kms_key.secrets.arn\n",
        "  value       => aws_kms_key.secrets.arn\n",
        "  value       = aws_kms_key.secrets.arn",
    ),
    (
        "outputs.tf",
        "  value       = aws_kms_key.secrets.arn\n",
        "  value       aws_kms_key.secrets.arn\n",
        "  value = aws_kms_key.secrets.arn",
    ),
    (
        "outputs.tf",
        "  value       = aws_kms_key.secrets.arn\n",
        "  value       = aws_kms_key.secrets.arn}\n",
        "  value       = aws_kms_key.secrets.arn",
    ),
    (
        "outputs.tf",
        'output "kms_key_arn" {\n',
        'output "kms_key_arn" { description = "x"\n',
        'output "kms_key_arn" {\n  description = "x"',
    ),
]
"""File of the reference solution, what stands there, what a learner wrote, the line put right."""


def _submission(directory: Path, file: str, find: str, written: str) -> Submission:
    root = materialise(load_corpus()["reference"], directory)
    path = root / MODULE / file
    text = path.read_text(encoding="utf-8")
    assert find in text
    path.write_text(text.replace(find, written, 1), encoding="utf-8")
    return load_submission(root)


@pytest.mark.parametrize(("file", "find", "written", "line"), WRITTEN)
def test_the_line_is_read(tmp_path: Path, file: str, find: str, written: str, line: str | None) -> None:
    """Is there a sentence for it, and is what Terraform said gone when the line stands in the file?"""
    submission = _submission(tmp_path, file, find, written)
    first = check(submission).violations[0]
    texts = {one.path: one.text for one in submission.files}
    found = explain(first.said(), texts)
    assert found is not None
    assert found.line == line
    if found.edits:
        for path, text in found.applied(texts).items():
            (tmp_path / "reference" / path).write_text(text, encoding="utf-8")
        after = check(load_submission(tmp_path / "reference")).violations
        assert (first.path, first.summary) not in [(one.path, one.summary) for one in after]


@pytest.mark.parametrize(("file", "find", "written", "line"), WRITTEN)
def test_one_mistake_is_said_once(tmp_path: Path, file: str, find: str, written: str, line: str | None) -> None:
    """Does the gate say one thing about one mistake in the syntax, however much of the file it takes with it?"""
    said = check(_submission(tmp_path, file, find, written)).violations
    assert len([one for one in said if one.summary.startswith(("Invalid", "Missing", "Un", "Argument", "Extra"))]) <= 1
