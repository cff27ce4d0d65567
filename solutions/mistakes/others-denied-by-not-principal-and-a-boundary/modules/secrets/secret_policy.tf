data "aws_caller_identity" "current" {}

resource "aws_secretsmanager_secret_policy" "others" {
  secret_arn = aws_secretsmanager_secret.database.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "NobodyElse"
        Effect = "Deny"
        NotPrincipal = {
          AWS = [
            aws_iam_role.execution.arn,
            "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root",
          ]
        }
        Action   = "secretsmanager:GetSecretValue"
        Resource = "*"
      },
    ]
  })
}
