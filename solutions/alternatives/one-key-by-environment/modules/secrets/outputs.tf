# Addresses only: an output that carries a secret's value would put it into the state file in plain text.
output "kms_key_arn" {
  description = "ARN of the key that encrypts the secret."
  value       = one(values(aws_kms_key.secrets)).arn
}

output "secret_arn" {
  description = "ARN of the secret that holds the database credentials."
  value       = aws_secretsmanager_secret.database.arn
}

output "execution_role_arn" {
  description = "ARN of the role that the ECS agent assumes to read the secret."
  value       = aws_iam_role.execution.arn
}

output "task_definition_arn" {
  description = "ARN of the task definition, with its revision."
  value       = aws_ecs_task_definition.app.arn
}
