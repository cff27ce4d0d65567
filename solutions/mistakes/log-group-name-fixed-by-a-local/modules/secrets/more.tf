locals {
  product = "orders"
}

resource "aws_cloudwatch_log_group" "app" {
  name              = format("/app/%s", local.product)
  retention_in_days = 14
}
