# What the application itself may do.
resource "aws_iam_role" "task" {
  name               = "${var.environment}-app-task"
  assume_role_policy = data.aws_iam_policy_document.ecs_tasks_may_assume.json
}
