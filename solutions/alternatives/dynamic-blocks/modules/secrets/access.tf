locals {
  grants = [
    { sid = "Secret", actions = ["secretsmanager:GetSecretValue"], resources = [aws_secretsmanager_secret.credentials.arn] },
    { sid = "Key", actions = ["kms:Decrypt"], resources = [aws_kms_key.credentials.arn] },
  ]
}

data "aws_iam_policy_document" "grants" {
  dynamic "statement" {
    for_each = local.grants
    iterator = grant

    content {
      sid       = grant.value.sid
      actions   = grant.value.actions
      resources = grant.value.resources
    }
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    dynamic "principals" {
      for_each = { Service = ["ecs-tasks.amazonaws.com"] }

      content {
        type        = principals.key
        identifiers = principals.value
      }
    }
  }
}

resource "aws_iam_role" "execution" {
  name               = "${var.settings.service}-${var.environment}"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  tags               = local.tags
}

resource "aws_iam_role_policy" "execution" {
  name   = "grants"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.grants.json
}
