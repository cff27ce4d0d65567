resource "aws_iam_role_policy" "six" {
  role = aws_iam_role.five.name
  policy = jsonencode({
    Version   = "2012-10-17",
    Statement = { Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = aws_secretsmanager_secret.three.id }
  })
}
