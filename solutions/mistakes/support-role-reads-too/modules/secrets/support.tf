data "aws_caller_identity" "current" {}

data "aws_iam_policy_document" "people_may_assume" {
  statement {
    effect  = "Allow"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }
}

resource "aws_iam_role" "support" {
  name               = "${var.environment}-support"
  assume_role_policy = data.aws_iam_policy_document.people_may_assume.json
}

resource "aws_iam_role_policy" "support" {
  name = "read-database-secret"
  role = aws_iam_role.support.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "secretsmanager:GetSecretValue"
      Resource = aws_secretsmanager_secret.database.arn
    }]
  })
}
