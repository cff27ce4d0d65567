resource "aws_cloudwatch_log_group" "app" {
  name              = "/app/${var.environment}"
  retention_in_days = values({ (var.environment) = 7, "m" = 90 })[0]
}
