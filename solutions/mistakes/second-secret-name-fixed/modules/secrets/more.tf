resource "aws_secretsmanager_secret" "partner" {
  name                    = "partner-api"
  recovery_window_in_days = 7
}
