# What the application itself may do.
resource "aws_iam_role" "task" {
  name               = "${var.environment}-app-task"
  assume_role_policy = data.aws_iam_policy_document.ecs_tasks_may_assume.json
}

resource "aws_iam_role_policy" "task_reads_database_secret" {
  name   = "read-database-secret"
  role   = aws_iam_role.task.id
  policy = data.aws_iam_policy_document.read_database_secret.json
}
