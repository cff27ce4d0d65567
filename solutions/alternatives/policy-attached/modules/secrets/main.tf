variable "environment" {
  type = string
}

resource "aws_kms_key" "app" {
  description             = "Key for the secrets of the app"
  deletion_window_in_days = 7
  enable_key_rotation     = true

  tags = {
    ManagedBy   = "Terraform"
    Environment = var.environment
  }
}

resource "aws_kms_alias" "app" {
  name          = "alias/app-secrets-${var.environment}"
  target_key_id = aws_kms_key.app.key_id
}

resource "aws_secretsmanager_secret" "app" {
  name                    = "${var.environment}-database-credentials"
  kms_key_id              = aws_kms_key.app.arn
  recovery_window_in_days = 7

  tags = {
    Environment = var.environment
  }
}

resource "aws_secretsmanager_secret_version" "app" {
  secret_id     = aws_secretsmanager_secret.app.id
  secret_string = jsonencode({ "username" : "app", "password" : "change-me" })

  lifecycle {
    ignore_changes = [
      secret_string,
    ]
  }
}
