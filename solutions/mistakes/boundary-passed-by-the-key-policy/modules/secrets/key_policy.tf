data "aws_caller_identity" "current" {}

resource "aws_kms_key_policy" "secrets" {
  key_id = aws_kms_key.secrets.key_id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TheAccountAdministersTheKey"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Reports"
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = "kms:Decrypt"
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
