// The execution role: what the ECS agent is while it prepares the container. The application never has these rights.
data "aws_iam_policy_document" "ecs_tasks_may_assume" {
  statement {
    effect  = "Allow"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "execution" {
  name               = "${var.environment}-app-execution"
  assume_role_policy = data.aws_iam_policy_document.ecs_tasks_may_assume.json
}

// Two rights on two things: read this secret, and decrypt with the key that encrypts it.
data "aws_iam_policy_document" "read_database_secret" {
  statement {
    sid       = "ReadTheSecret"
    effect    = "Allow"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_secretsmanager_secret.database.arn]
  }

  statement {
    sid       = "DecryptWithItsKey"
    effect    = "Allow"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.secrets.arn]
  }
}

resource "aws_iam_role_policy" "read_database_secret" {
  name   = "read-database-secret"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.read_database_secret.json
}
