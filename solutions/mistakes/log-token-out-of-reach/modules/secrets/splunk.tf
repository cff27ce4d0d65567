resource "aws_secretsmanager_secret" "splunk" {
  name                    = "${var.environment}-splunk"
  kms_key_id              = aws_kms_key.secrets.arn
  recovery_window_in_days = 7
}

resource "aws_secretsmanager_secret_version" "splunk" {
  secret_id     = aws_secretsmanager_secret.splunk.id
  secret_string = "replace-me"

  lifecycle {
    ignore_changes = [secret_string]
  }
}
