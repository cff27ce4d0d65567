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
  name = "use-the-key"
  role = aws_iam_role.support.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:DescribeKey"]
      Resource = aws_kms_key.secrets.arn
    }]
  })
}
