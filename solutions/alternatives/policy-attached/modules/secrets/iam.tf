resource "aws_iam_role" "execution" {
  name        = "app-${var.environment}"
  path        = "/ecs/"
  description = "Assumed by ECS when it starts the app"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "EcsTasksOnly"
        Effect    = "Allow"
        Principal = { Service = "ecs-tasks.amazonaws.com" }
        Action    = "sts:AssumeRole"
      },
    ]
  })
}

data "aws_iam_policy_document" "rights" {
  version = "2012-10-17"

  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_secretsmanager_secret.app.id]
  }

  statement {
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.app.arn]
  }
}

resource "aws_iam_policy" "rights" {
  name_prefix = "app-${var.environment}-"
  path        = "/ecs/"
  description = "Read the database credentials"
  policy      = data.aws_iam_policy_document.rights.json
}

resource "aws_iam_role_policy_attachment" "rights" {
  role       = aws_iam_role.execution.name
  policy_arn = aws_iam_policy.rights.arn
}
