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
        Sid       = "KeyAdministrator"
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.keeper.arn }
        Action    = ["kms:Describe*", "kms:Get*", "kms:List*", "kms:Put*", "kms:TagResource"]
        Resource  = "*"
      },
    ]
  })
}

resource "aws_iam_role" "keeper" {
  name = "${var.environment}-key-keeper"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}
