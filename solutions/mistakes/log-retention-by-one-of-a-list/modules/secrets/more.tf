resource "aws_cloudwatch_log_group" "app" {
  name              = "/app/${var.environment}"
  retention_in_days = coalesce(one([for name in ["prod"] : 365 if name == var.environment]), 7)
}
