resource "aws_kms_key" "database" {
  description             = "Encrypts the database credentials"
  deletion_window_in_days = 7
  enable_key_rotation     = true
  rotation_period_in_days = 180

  tags = {
    Environment = var.environment
    ManagedBy   = "Terraform"
  }
}

resource "aws_kms_alias" "database" {
  name          = "alias/app-secrets-${var.environment}"
  target_key_id = aws_kms_key.database.key_id
}

resource "aws_secretsmanager_secret" "database" {
  name                    = "${var.environment}-database-credentials"
  kms_key_id              = aws_kms_key.database.arn
  recovery_window_in_days = 7

  tags = {
    Environment = var.environment
  }
}

resource "aws_secretsmanager_secret_version" "shell" {
  secret_id = aws_secretsmanager_secret.database.id
  secret_string = jsonencode({
    username = "app"
    password = "dummy"
    host     = "db.${var.environment}.internal"
    port     = 5432
  })

  lifecycle {
    ignore_changes = [secret_string]
  }
}
