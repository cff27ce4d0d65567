data "aws_iam_policy_document" "boundary" {
  statement {
    actions   = ["secretsmanager:*", "kms:*", "logs:*"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "boundary" {
  name   = "${var.environment}-boundary"
  policy = data.aws_iam_policy_document.boundary.json
}
