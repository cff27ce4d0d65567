locals {
  tags = {
    Environment = "dev"
    Team        = "orders"
  }
}

resource "aws_cloudwatch_log_group" "app" {
  name              = "/app/${var.environment}"
  retention_in_days = 14
  tags              = local.tags
}
