resource "aws_cloudwatch_log_group" "shop" {
  name              = "/ecs/${aws_ecs_task_definition.this.family}"
  retention_in_days = 30
}
