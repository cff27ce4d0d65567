resource "aws_iam_role" "reports" {
  name               = "${var.environment}-reports"
  assume_role_policy = data.aws_iam_policy_document.ecs_tasks_may_assume.json
}

resource "aws_secretsmanager_secret_policy" "database" {
  secret_arn = aws_secretsmanager_secret.database.arn

  policy = jsonencode({
    Version = "2012-10-1"
    Statement = [{
      Sid       = "Reports"
      Effect    = "Allow"
      Principal = { AWS = aws_iam_role.reports.arn }
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
    }]
  })
}
