resource "aws_iam_role_policy" "more" {
  name = "more"
  role = aws_iam_role.execution.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
      Condition = { StringLike = { "aws:PrincipalArn" = "arn:*:*?*?*?*?*?*?*?*?*?*?*?*?*?*?!" } }
    }]
  })
}
