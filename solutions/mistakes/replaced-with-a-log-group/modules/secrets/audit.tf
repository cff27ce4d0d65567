resource "aws_cloudwatch_log_group" "audit" {
  name              = "/audit/${var.environment}"
  retention_in_days = 90

  tags = {
    Shape = md5(local.first_value)
  }
}
