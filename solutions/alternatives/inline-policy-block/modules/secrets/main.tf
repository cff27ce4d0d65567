variable "environment" {
  description = "dev, prod, ..."
  type        = string
}

resource "aws_kms_key" "secret_store" {
  description             = "Secret store"
  key_usage               = "ENCRYPT_DECRYPT"
  is_enabled              = true
  multi_region            = false
  enable_key_rotation     = true
  deletion_window_in_days = 7

  customer_master_key_spec = "SYMMETRIC_DEFAULT"

  tags = {
    Environment = var.environment
    ManagedBy   = "Terraform"
    Purpose     = "Secrets"
  }
}

resource "aws_kms_alias" "secret_store" {
  name          = "alias/app-secrets-${var.environment}"
  target_key_id = aws_kms_key.secret_store.key_id
}

resource "aws_secretsmanager_secret" "postgres" {
  name                           = "${var.environment}-database-credentials"
  kms_key_id                     = aws_kms_key.secret_store.arn
  recovery_window_in_days        = 7
  force_overwrite_replica_secret = false

  tags = {
    Environment = var.environment
    Purpose     = "Secrets"
  }
}

resource "aws_secretsmanager_secret_version" "postgres" {
  secret_id = aws_secretsmanager_secret.postgres.id
  secret_string = jsonencode({
    engine   = "postgres"
    username = "postgres"
    password = "example"
  })

  lifecycle {
    ignore_changes = [secret_string]
  }
}

resource "aws_iam_role" "launcher" {
  name                 = "${var.environment}-launcher"
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Action    = "sts:AssumeRole"
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
    }]
  })

  inline_policy {
    name = "secret"
    policy = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Action   = "secretsmanager:GetSecretValue"
        Effect   = "Allow"
        Resource = aws_secretsmanager_secret.postgres.arn
      }]
    })
  }

  inline_policy {
    name = "key"
    policy = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Action   = "kms:Decrypt"
        Effect   = "Allow"
        Resource = aws_kms_key.secret_store.arn
      }]
    })
  }
}

resource "aws_ecs_task_definition" "worker" {
  family                   = "${var.environment}-worker"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.launcher.arn

  container_definitions = jsonencode([
    {
      name      = "worker"
      image     = "public.ecr.aws/docker/library/busybox:stable"
      essential = true
      secrets = [
        {
          name      = "DB_PASSWORD"
          valueFrom = "${aws_secretsmanager_secret.postgres.arn}:password::"
        }
      ]
    }
  ])
}
