resource "aws_secretsmanager_secret" "registry" {
  name                    = "${var.environment}-registry"
  kms_key_id              = aws_kms_key.secrets.arn
  recovery_window_in_days = 7
}

resource "aws_secretsmanager_secret_version" "registry" {
  secret_id     = aws_secretsmanager_secret.registry.id
  secret_string = jsonencode({ username = "puller", password = "replace-me" })

  lifecycle {
    ignore_changes = [secret_string]
  }
}
