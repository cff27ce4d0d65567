# What the application itself is.
resource "aws_iam_role" "task" {
  name               = "${var.environment}-app-task"
  assume_role_policy = data.aws_iam_policy_document.ecs_tasks_may_assume.json
}

data "aws_iam_policy_document" "task" {
  statement {
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    resources = [aws_kms_key.files.arn]
  }
}

resource "aws_iam_role_policy" "task" {
  name   = "task"
  role   = aws_iam_role.task.id
  policy = data.aws_iam_policy_document.task.json
}

resource "aws_kms_key" "files" {
  description             = "Encrypts the application's files"
  deletion_window_in_days = 7
  enable_key_rotation     = true
}
