locals {
  parts = {
    key    = ["app", "secrets", var.environment]
    secret = [var.environment, "database", "credentials"]
  }

  alias_name  = format("alias/%s", join("-", local.parts.key))
  secret_name = join("-", local.parts.secret)
  task_name   = join("-", ["billing", var.environment])

  common_tags = {
    Environment = var.environment
  }
  key_tags = merge(local.common_tags, { ManagedBy = "Terraform" }, var.extra_tags)

  first_value = {
    username = "billing"
    password = "REPLACE_ME"
  }

  read_policy = {
    Version = "2012-10-17"
    Statement = [
      for right in local.rights : {
        Effect   = "Allow"
        Action   = [right.action]
        Resource = [right.resource]
      }
    ]
  }
  rights = [
    { action = "secretsmanager:GetSecretValue", resource = aws_secretsmanager_secret.credentials.arn },
    { action = "kms:Decrypt", resource = aws_kms_key.cmk.arn },
  ]

  database_password = {
    name      = "DB_PASSWORD"
    valueFrom = format("%s:password::", aws_secretsmanager_secret.credentials.arn)
  }
}
