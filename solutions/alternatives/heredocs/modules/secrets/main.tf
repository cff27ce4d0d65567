variable "environment" {}

resource "aws_kms_key" "main" {
  description             = "Database credentials"
  deletion_window_in_days = "7"
  enable_key_rotation     = "true"
  tags = {
    "Environment" = "${var.environment}"
    "ManagedBy"   = "Terraform"
  }
}

resource "aws_kms_alias" "main" {
  name          = "alias/app-secrets-${var.environment}"
  target_key_id = aws_kms_key.main.key_id
}

resource "aws_secretsmanager_secret" "main" {
  name                    = "${var.environment}-database-credentials"
  kms_key_id              = aws_kms_key.main.arn
  recovery_window_in_days = "7"
  tags = {
    "Environment" = "${var.environment}"
  }
}

resource "aws_secretsmanager_secret_version" "main" {
  secret_id     = aws_secretsmanager_secret.main.id
  secret_string = <<EOF
{
  "username": "postgres",
  "password": "TODO: set in the AWS console"
}
EOF

  lifecycle {
    ignore_changes = ["secret_string"]
  }
}
