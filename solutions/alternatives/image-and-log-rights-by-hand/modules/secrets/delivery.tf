data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

locals {
  here       = "${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"
  repository = "arn:aws:ecr:${local.here}:repository/app"
}

resource "aws_cloudwatch_log_group" "app" {
  name              = "/ecs/${var.environment}-app"
  retention_in_days = 14
}

data "aws_iam_policy_document" "delivery" {
  # This action knows no resources.
  statement {
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"]
    resources = [local.repository]
  }

  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.app.arn}:*"]
  }
}

resource "aws_iam_role_policy" "delivery" {
  name   = "delivery"
  role   = aws_iam_role.execution.name
  policy = data.aws_iam_policy_document.delivery.json
}
