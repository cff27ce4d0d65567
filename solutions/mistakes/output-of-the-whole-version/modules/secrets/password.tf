output "version" {
  description = "First version of the secret."
  value       = aws_secretsmanager_secret_version.placeholder
}
