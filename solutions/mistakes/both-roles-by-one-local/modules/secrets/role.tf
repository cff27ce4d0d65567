locals {
  role = aws_iam_role.execution.arn
}
