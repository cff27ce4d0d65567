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

resource "aws_iam_role_policy_attachment" "support" {
  role       = aws_iam_role.support.name
  policy_arn = "arn:aws:iam::aws:policy/SecretsManagerReadWrite"
}
