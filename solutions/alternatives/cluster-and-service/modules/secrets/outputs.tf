output "service_name" {
  value = aws_ecs_service.api.name
}

output "secret" {
  description = "Where the credentials are."
  value = {
    name = aws_secretsmanager_secret.database.name
    arn  = aws_secretsmanager_secret.database.arn
  }
}
