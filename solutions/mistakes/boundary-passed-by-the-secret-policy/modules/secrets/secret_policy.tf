resource "aws_secretsmanager_secret_policy" "database" {
  secret_arn = aws_secretsmanager_secret.database.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Reports"
        Effect    = "Allow"
        Principal = "*"
        Action    = "secretsmanager:GetSecretValue"
        Resource  = "*"
        Condition = { ArnEquals = { "aws:PrincipalArn" = aws_iam_role.reports.arn } }
      },
    ]
  })
}

resource "aws_iam_policy" "files_only" {
  name = "${var.environment}-files-only"

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }]
  })
}

resource "aws_iam_role" "reports" {
  name                 = "${var.environment}-reports"
  permissions_boundary = aws_iam_policy.files_only.arn
  assume_role_policy   = data.aws_iam_policy_document.ecs_tasks_may_assume.json
}
