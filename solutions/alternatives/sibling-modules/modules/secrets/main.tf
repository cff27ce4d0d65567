variable "environment" {
  type = string
}

locals {
  secret_name = "${var.environment}-database-credentials"
}

module "kms" {
  source = "../kms"

  alias = "app-secrets-${var.environment}"
  tags = {
    Environment = var.environment
    ManagedBy   = "Terraform"
  }
}

resource "aws_secretsmanager_secret" "database" {
  name                    = local.secret_name
  kms_key_id              = module.kms.key.arn
  recovery_window_in_days = 7

  tags = {
    Environment = var.environment
  }
}

resource "aws_secretsmanager_secret_version" "database" {
  secret_id     = aws_secretsmanager_secret.database.id
  secret_string = jsonencode({ username = "inventory", password = "set-in-console" })

  lifecycle {
    ignore_changes = [secret_string]
  }
}

module "task" {
  source = "../task"

  name = "${var.environment}-inventory"
  secrets = [
    {
      variable = "DB_PASSWORD"
      secret   = aws_secretsmanager_secret.database.arn
      field    = "password"
      key      = module.kms.key.arn
    },
  ]
}
