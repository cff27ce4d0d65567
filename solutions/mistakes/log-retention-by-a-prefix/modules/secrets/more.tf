resource "aws_cloudwatch_log_group" "app" {
  name              = "/app/${var.environment}"
  retention_in_days = startswith(var.environment, "prod") ? 365 : 7
}
