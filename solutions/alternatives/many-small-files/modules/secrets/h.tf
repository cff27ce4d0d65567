resource "aws_iam_role_policy" "seven" {
  role = aws_iam_role.five.name
  policy = jsonencode({
    Version   = "2012-10-17",
    Statement = { Effect = "Allow", Action = "kms:Decrypt", Resource = aws_kms_key.one.arn }
  })
}
