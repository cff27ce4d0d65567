resource "aws_cloudwatch_log_group" "app" {
  name              = "/app/orders-${substr(md5(var.environment), 0, 10)}"
  retention_in_days = 14
}
