# What the application itself is.
resource "aws_iam_role" "task" {
  name                 = "${var.environment}-app-task"
  permissions_boundary = aws_iam_policy.files_only.arn
  assume_role_policy   = data.aws_iam_policy_document.ecs_tasks_may_assume.json
}

data "aws_iam_policy_document" "task" {
  statement {
    actions   = ["secretsmanager:*", "kms:*", "s3:*"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "task" {
  name   = "task"
  role   = aws_iam_role.task.id
  policy = data.aws_iam_policy_document.task.json
}

resource "aws_iam_policy" "files_only" {
  name = "${var.environment}-files-only"

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }]
  })
}
