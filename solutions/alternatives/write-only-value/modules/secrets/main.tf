terraform {
  # Write-only arguments came with Terraform 1.11.
  required_version = ">= 1.11"
}

variable "environment" {
  type = string
}

resource "aws_kms_key" "secrets" {
  description             = "Secrets"
  deletion_window_in_days = 7
  enable_key_rotation     = true

  tags = {
    Environment = var.environment
    ManagedBy   = "Terraform"
  }
}

resource "aws_kms_alias" "secrets" {
  name          = "alias/app-secrets-${var.environment}"
  target_key_id = aws_kms_key.secrets.key_id
}

resource "aws_secretsmanager_secret" "database" {
  name                    = "${var.environment}-database-credentials"
  kms_key_id              = aws_kms_key.secrets.arn
  recovery_window_in_days = 7

  tags = {
    Environment = var.environment
  }
}

resource "aws_secretsmanager_secret_version" "shape" {
  secret_id = aws_secretsmanager_secret.database.id

  # Terraform sends this and forgets it. There is no value in state to compare with, so nothing to ignore either.
  secret_string_wo         = jsonencode({ username = "admin", password = "CHANGE_ME_IN_AWS_CONSOLE" })
  secret_string_wo_version = 1
}
