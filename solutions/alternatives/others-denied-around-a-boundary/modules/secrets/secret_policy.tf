data "aws_caller_identity" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
}

# A denial wins over every Allow, so a generous policy elsewhere in the account opens nothing here.
resource "aws_secretsmanager_secret_policy" "others" {
  secret_arn = aws_secretsmanager_secret.database.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "NobodyElse"
        Effect    = "Deny"
        Principal = "*"
        Action    = "secretsmanager:GetSecretValue"
        Resource  = "*"
        Condition = {
          ArnNotLike = {
            # The role, its sessions by their own name, and the root, so that the account never locks itself out.
            "aws:PrincipalArn" = [
              aws_iam_role.execution.arn,
              "arn:aws:sts::${local.account}:assumed-role/${aws_iam_role.execution.name}/*",
              "arn:aws:iam::${local.account}:root",
            ]
          }
        }
      },
    ]
  })
}
