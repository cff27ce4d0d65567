locals {
  credentials = jsondecode(aws_secretsmanager_secret_version.placeholder.secret_string)
}

output "database_password" {
  description = "Password of the database."
  value       = local.credentials.password
}
