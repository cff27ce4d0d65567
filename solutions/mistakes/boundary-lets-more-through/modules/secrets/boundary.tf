data "aws_iam_policy_document" "boundary" {
  statement {
    actions   = ["secretsmanager:*"]
    resources = [aws_secretsmanager_secret.database.arn]
  }

  statement {
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.secrets.arn]
  }
}

resource "aws_iam_policy" "boundary" {
  name   = "${var.environment}-boundary"
  policy = data.aws_iam_policy_document.boundary.json
}
