resource "aws_kms_key_policy" "secrets" {
  key_id                             = aws_kms_key.secrets.key_id
  bypass_policy_lockout_safety_check = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyTheTask"
      Effect    = "Allow"
      Principal = { AWS = aws_iam_role.execution.arn }
      Action    = "kms:Decrypt"
      Resource  = "*"
    }]
  })
}
