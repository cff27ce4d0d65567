resource "aws_secretsmanager_secret_version" "four" {
  lifecycle { ignore_changes = [secret_string] }
  secret_string = jsonencode({ password = "Placeholder", username = "Placeholder" })
  secret_id     = aws_secretsmanager_secret.three.id
}
