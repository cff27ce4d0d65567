data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "execution" {
  name               = "${var.environment}-shop-execution"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "rights" {
  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [var.secret_arn]
  }

  statement {
    actions   = ["kms:Decrypt"]
    resources = [var.key_arn]
  }
}

resource "aws_iam_role_policy" "rights" {
  name   = "rights"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.rights.json
}
