# Credentials of the archive, which no task of this module needs.
resource "aws_secretsmanager_secret" "archive" {
  name                    = "${var.environment}-archive-login"
  recovery_window_in_days = 30
}
