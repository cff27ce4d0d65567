# What the application itself is.
resource "aws_iam_role" "task" {
  name               = "${var.environment}-app-task"
  assume_role_policy = data.aws_iam_policy_document.ecs_tasks_may_assume.json
}

data "aws_iam_policy_document" "task" {
  statement {
    actions   = ["iam:UpdateAssumeRolePolicy"]
    resources = [aws_iam_role.execution.arn]
  }
}

resource "aws_iam_role_policy" "task" {
  name   = "task"
  role   = aws_iam_role.task.id
  policy = data.aws_iam_policy_document.task.json
}
