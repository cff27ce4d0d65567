variable "environment" {
  type = string
}

variable "enabled" {
  description = "Whether anything is created at all."
  type        = bool
  default     = true
}

locals {
  n = var.enabled ? 1 : 0
}

resource "aws_kms_key" "secrets" {
  count = local.n

  description             = "Secrets"
  deletion_window_in_days = 7
  enable_key_rotation     = true

  tags = {
    Environment = var.environment
    ManagedBy   = "Terraform"
  }
}

resource "aws_kms_alias" "secrets" {
  count = local.n

  name          = "alias/app-secrets-${var.environment}"
  target_key_id = aws_kms_key.secrets[count.index].key_id
}

resource "aws_secretsmanager_secret" "database" {
  count = local.n

  name                    = "${var.environment}-database-credentials"
  kms_key_id              = aws_kms_key.secrets[0].arn
  recovery_window_in_days = 7

  tags = {
    Environment = var.environment
  }
}

resource "aws_secretsmanager_secret_version" "database" {
  count = local.n

  secret_id     = aws_secretsmanager_secret.database[count.index].id
  secret_string = jsonencode({ username = "admin", password = "CHANGEME" })

  lifecycle {
    ignore_changes = [secret_string]
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "rights" {
  count = local.n

  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = aws_secretsmanager_secret.database[*].arn
  }

  statement {
    actions   = ["kms:Decrypt"]
    resources = [one(aws_kms_key.secrets[*].arn)]
  }
}

resource "aws_iam_role" "execution" {
  count = local.n

  name               = "${var.environment}-execution"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "rights" {
  count = local.n

  name   = "rights"
  role   = aws_iam_role.execution[0].id
  policy = data.aws_iam_policy_document.rights[0].json
}

resource "aws_ecs_task_definition" "app" {
  count = local.n

  family                   = "${var.environment}-app"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = try(aws_iam_role.execution[0].arn, null)

  container_definitions = jsonencode([{
    name      = "app"
    image     = "public.ecr.aws/docker/library/busybox:stable"
    essential = true
    secrets = [{
      name      = "DB_PASSWORD"
      valueFrom = "${aws_secretsmanager_secret.database[0].arn}:password::"
    }]
  }])
}

output "secret_arn" {
  value = one(aws_secretsmanager_secret.database[*].arn)
}
