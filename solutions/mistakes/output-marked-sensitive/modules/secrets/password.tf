output "database_password" {
  description = "Password of the database."
  value       = aws_secretsmanager_secret_version.placeholder.secret_string
  sensitive   = true
}
