ephemeral "aws_secretsmanager_random_password" "first" {
  password_length            = 32
  exclude_punctuation        = true
  require_each_included_type = true
}

resource "aws_secretsmanager_secret" "database" {
  name                    = "${var.environment}-database-credentials"
  kms_key_id              = aws_kms_key.secrets.arn
  recovery_window_in_days = 7

  tags = {
    Environment = var.environment
  }
}

resource "aws_secretsmanager_secret_version" "first" {
  secret_id = aws_secretsmanager_secret.database.id

  # Every plan draws another password, but only a higher version number would send one.
  secret_string_wo_version = 1
  secret_string_wo = jsonencode({
    username = "admin"
    password = ephemeral.aws_secretsmanager_random_password.first.random_password
  })
}
