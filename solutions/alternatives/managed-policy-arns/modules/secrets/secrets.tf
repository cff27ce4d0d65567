variable "environment" {
  type = string
}

resource "aws_kms_key" "k" {
  description             = "Credentials"
  deletion_window_in_days = 7
  enable_key_rotation     = true
  tags                    = { "ManagedBy" = "Terraform", "Environment" = var.environment }
}

resource "aws_kms_alias" "k" {
  name          = "alias/app-secrets-${var.environment}"
  target_key_id = aws_kms_key.k.key_id
}

resource "aws_secretsmanager_secret" "s" {
  name                    = "${var.environment}-database-credentials"
  kms_key_id              = aws_kms_key.k.arn
  recovery_window_in_days = 7
  tags                    = { "Environment" = var.environment }
}

resource "aws_secretsmanager_secret_version" "s" {
  secret_id     = aws_secretsmanager_secret.s.id
  secret_string = jsonencode({ username = "u", password = "REPLACE-ME-IN-THE-CONSOLE" })

  lifecycle {
    ignore_changes = [secret_string]
  }
}
