data "aws_caller_identity" "current" {}

resource "aws_kms_key_policy" "secrets" {
  key_id = aws_kms_key.secrets.key_id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TheAccountDecides"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "TheApplication"
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.task.arn }
        Action    = "kms:Decrypt"
        Resource  = "*"
      },
    ]
  })
}
