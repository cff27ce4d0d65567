resource "aws_cloudwatch_log_group" "app" {
  name              = replace("${var.environment}/orders", "/^.*[/]/", "/app/")
  retention_in_days = 14
}
