# Reads whatever is current, the rotated password included.
data "aws_secretsmanager_secret_version" "current" {
  secret_id = aws_secretsmanager_secret_version.placeholder.secret_id
}
