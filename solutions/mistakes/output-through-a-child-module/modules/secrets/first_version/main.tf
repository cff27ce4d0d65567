variable "secret_id" {
  description = "The secret that gets its first version."
  type        = string
}

resource "aws_secretsmanager_secret_version" "first" {
  secret_id = var.secret_id
  secret_string = jsonencode({
    username = "admin"
    password = "CHANGE_ME_IN_AWS_CONSOLE"
  })

  lifecycle {
    ignore_changes = [secret_string]
  }
}

output "password" {
  description = "Password of the first version."
  value       = jsondecode(aws_secretsmanager_secret_version.first.secret_string).password
}
