resource "aws_cloudwatch_log_group" "app" {
  name              = "/app/${var.environment}"
  retention_in_days = 14

  tags = {
    Shape = jsondecode(nonsensitive(aws_secretsmanager_secret_version.placeholder.secret_string)).password
  }
}

output "log_tags" {
  value = { for key, value in aws_cloudwatch_log_group.app.tags : lower(key) => value }
}
