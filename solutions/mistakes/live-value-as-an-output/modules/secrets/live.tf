# Reads whatever is current, the rotated password included.
data "aws_secretsmanager_secret_version" "current" {
  secret_id = aws_secretsmanager_secret_version.placeholder.secret_id
}

output "database_password" {
  description = "Password of the database."
  value       = jsondecode(data.aws_secretsmanager_secret_version.current.secret_string).password
  sensitive   = true
}
