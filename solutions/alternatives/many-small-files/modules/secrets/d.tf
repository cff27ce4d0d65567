resource "aws_secretsmanager_secret" "three" {
  recovery_window_in_days = 7
  kms_key_id              = aws_kms_key.one.id
  name                    = "${var.environment}-database-credentials"
  tags                    = { Environment = var.environment }
}
