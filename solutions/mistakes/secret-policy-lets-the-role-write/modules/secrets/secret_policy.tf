resource "aws_secretsmanager_secret_policy" "database" {
  secret_arn = aws_secretsmanager_secret.database.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TheTaskMayWrite"
      Effect    = "Allow"
      Principal = { AWS = aws_iam_role.execution.arn }
      Action    = "secretsmanager:PutSecretValue"
      Resource  = "*"
    }]
  })
}
