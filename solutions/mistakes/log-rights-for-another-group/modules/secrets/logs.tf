resource "aws_cloudwatch_log_group" "app" {
  name              = "/ecs/${var.environment}-app"
  retention_in_days = 30
}

resource "aws_cloudwatch_log_group" "audit" {
  name              = "/audit/${var.environment}"
  retention_in_days = 90
}
