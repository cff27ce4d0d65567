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
        Sid       = "Observer"
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.observer.arn }
        Action    = ["kms:DescribeKey", "kms:GetKeyRotationStatus"]
        Resource  = "*"
      },
    ]
  })
}

resource "aws_iam_role" "observer" {
  name = "${var.environment}-observer"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}
