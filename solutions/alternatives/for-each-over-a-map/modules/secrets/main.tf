variable "environment" {
  type = string
}

locals {
  secrets = {
    database = {
      name  = "${var.environment}-database-credentials"
      shape = { username = "app", password = "placeholder" }
      injected = [
        { variable = "DB_USERNAME", field = "username" },
        { variable = "DB_PASSWORD", field = "password" },
      ]
    }
  }

  container_secrets = flatten([
    for id, secret in local.secrets : [
      for entry in secret.injected : {
        name      = entry.variable
        valueFrom = join(":", [aws_secretsmanager_secret.all[id].arn, entry.field, "", ""])
      }
    ]
  ])
}

resource "aws_kms_key" "all" {
  for_each = toset(["app-secrets"])

  description             = "Encrypts: ${join(", ", keys(local.secrets))}"
  deletion_window_in_days = 7
  enable_key_rotation     = true

  tags = {
    Environment = var.environment
    ManagedBy   = "Terraform"
  }
}

resource "aws_kms_alias" "all" {
  for_each = aws_kms_key.all

  name          = "alias/${each.key}-${var.environment}"
  target_key_id = each.value.key_id
}

resource "aws_secretsmanager_secret" "all" {
  for_each = local.secrets

  name                    = each.value.name
  kms_key_id              = aws_kms_key.all["app-secrets"].arn
  recovery_window_in_days = 7

  tags = {
    Environment = var.environment
  }
}

resource "aws_secretsmanager_secret_version" "all" {
  for_each = aws_secretsmanager_secret.all

  secret_id     = each.value.id
  secret_string = jsonencode(local.secrets[each.key].shape)

  lifecycle {
    ignore_changes = [secret_string]
  }
}

resource "aws_iam_role" "execution" {
  name = "${var.environment}-execution"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "read" {
  for_each = {
    "secretsmanager:GetSecretValue" = values(aws_secretsmanager_secret.all)[*].arn
    "kms:Decrypt"                   = values(aws_kms_key.all)[*].arn
  }

  name   = replace(lower(each.key), ":", "-")
  role   = aws_iam_role.execution.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = each.key, Resource = each.value }] })
}

resource "aws_ecs_task_definition" "tasks" {
  for_each = { app = "public.ecr.aws/docker/library/busybox:stable" }

  family                   = "${var.environment}-${each.key}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.execution.arn

  container_definitions = jsonencode([{
    name      = each.key
    image     = each.value
    essential = true
    secrets   = local.container_secrets
  }])
}
