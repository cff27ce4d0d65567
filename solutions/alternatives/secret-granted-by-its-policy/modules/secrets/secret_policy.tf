data "aws_iam_policy_document" "readers" {
  statement {
    sid       = "OnlyTheExecutionRole"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.execution.arn]
    }
  }
}

resource "aws_secretsmanager_secret_policy" "readers" {
  secret_arn          = aws_secretsmanager_secret.database.arn
  policy              = data.aws_iam_policy_document.readers.json
  block_public_policy = true
}
