resource "aws_secretsmanager_secret" "exporter" {
  name                    = "${var.environment}-exporter-credentials"
  kms_key_id              = aws_kms_key.secrets.arn
  recovery_window_in_days = 7
}

resource "aws_secretsmanager_secret_version" "exporter" {
  secret_id     = aws_secretsmanager_secret.exporter.id
  secret_string = jsonencode({ username = "exporter", password = "replace-me" })

  lifecycle {
    ignore_changes = [secret_string]
  }
}
