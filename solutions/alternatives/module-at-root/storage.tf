resource "aws_secretsmanager_secret" "this" {
  name                    = "${var.environment}-database-credentials"
  kms_key_id              = aws_kms_key.this.arn
  recovery_window_in_days = 7
  tags                    = { Environment = var.environment, ManagedBy = "Terraform", Service = var.service }
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id     = aws_secretsmanager_secret.this.arn
  secret_string = "{\"username\": \"${var.service}\", \"password\": \"placeholder\"}"

  lifecycle {
    ignore_changes = [secret_string]
  }
}
