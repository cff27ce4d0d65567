resource "aws_cloudwatch_log_group" "app" {
  name_prefix       = "/app/orders-"
  retention_in_days = 14
}
