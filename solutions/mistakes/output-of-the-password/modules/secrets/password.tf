output "database_password" {
  description = "Password of the database."
  value       = jsondecode(aws_secretsmanager_secret_version.placeholder.secret_string)["password"]
}
