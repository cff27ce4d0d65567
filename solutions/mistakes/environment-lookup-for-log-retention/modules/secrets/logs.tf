locals {
  retention_in_days = { dev = 1, prod = 30 }
}

resource "aws_cloudwatch_log_group" "app" {
  name              = "/ecs/${var.environment}-app"
  retention_in_days = lookup(local.retention_in_days, var.environment, 7)
}
