variable "environment" {
  type = string
}

variable "key_arn" {
  description = "ARN of the key to encrypt with."
  type        = string
}

resource "aws_secretsmanager_secret" "this" {
  name                    = "${var.environment}-database-credentials"
  kms_key_id              = var.key_arn
  recovery_window_in_days = 7

  tags = {
    Environment = var.environment
  }
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id     = aws_secretsmanager_secret.this.id
  secret_string = jsonencode({ username = "admin", password = "PLACEHOLDER" })

  lifecycle {
    ignore_changes = [secret_string]
  }
}

output "arn" {
  value = aws_secretsmanager_secret.this.arn
}
