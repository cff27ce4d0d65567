# For the next roll-out.
resource "aws_secretsmanager_secret_version" "next" {
  secret_id     = aws_secretsmanager_secret.database.arn
  secret_string = jsonencode({ username = "admin", password = "REPLACE_ME_LATER" })
  depends_on    = [aws_secretsmanager_secret_version.placeholder]
}
