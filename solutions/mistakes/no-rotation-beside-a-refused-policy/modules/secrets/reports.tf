# Attached to nobody yet. IAM refuses it for its Sid.
resource "aws_iam_policy" "reports" {
  name = "${var.environment}-reports"

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "list-reports", Effect = "Allow", Action = "s3:ListBucket", Resource = "arn:aws:s3:::reports" }]
  })
}
