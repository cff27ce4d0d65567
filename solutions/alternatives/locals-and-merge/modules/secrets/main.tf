resource "aws_kms_key" "cmk" {
  description             = "Secrets of the billing service"
  enable_key_rotation     = true
  deletion_window_in_days = 7
  tags                    = local.key_tags
}

resource "aws_kms_alias" "cmk" {
  name          = local.alias_name
  target_key_id = aws_kms_key.cmk.id
}

resource "aws_secretsmanager_secret" "credentials" {
  name                    = local.secret_name
  kms_key_id              = aws_kms_key.cmk.arn
  recovery_window_in_days = 7
  tags                    = merge(local.common_tags, var.extra_tags)
}

resource "aws_secretsmanager_secret_version" "first" {
  secret_id     = aws_secretsmanager_secret.credentials.arn
  secret_string = jsonencode(local.first_value)

  lifecycle {
    ignore_changes = [secret_string]
  }
}

resource "aws_iam_role" "agent" {
  name = local.task_name
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = ["sts:AssumeRole"]
      Principal = { Service = ["ecs-tasks.amazonaws.com"] }
    }]
  })
  tags = local.common_tags
}

resource "aws_iam_role_policy" "agent" {
  name   = "read"
  role   = aws_iam_role.agent.name
  policy = jsonencode(local.read_policy)
}

resource "aws_ecs_task_definition" "billing" {
  family                   = local.task_name
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.agent.arn
  tags                     = local.common_tags

  container_definitions = jsonencode([
    {
      name      = "billing"
      image     = "public.ecr.aws/docker/library/python:3-slim"
      essential = true
      secrets   = [local.database_password]
    },
  ])
}
