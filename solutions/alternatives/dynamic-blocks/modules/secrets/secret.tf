locals {
  tags = { for key, value in { Environment = var.environment, ManagedBy = "Terraform", Owner = "" } : key => value if value != "" }
}

resource "aws_kms_key" "credentials" {
  description             = "Credentials of ${var.settings.service}"
  deletion_window_in_days = 7
  enable_key_rotation     = true
  tags                    = local.tags
}

resource "aws_kms_alias" "credentials" {
  name          = "alias/app-secrets-${var.environment}"
  target_key_id = aws_kms_key.credentials.key_id
}

resource "aws_secretsmanager_secret" "credentials" {
  name                    = "${var.environment}-database-credentials"
  kms_key_id              = aws_kms_key.credentials.arn
  recovery_window_in_days = 7
  tags                    = local.tags
}

resource "aws_secretsmanager_secret_version" "credentials" {
  secret_id = aws_secretsmanager_secret.credentials.id
  secret_string = jsonencode({
    for field in ["username", "password"] : field => "replace-this-${field}"
  })

  lifecycle {
    ignore_changes = [secret_string]
  }
}
