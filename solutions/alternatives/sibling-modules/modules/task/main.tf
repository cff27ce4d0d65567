variable "name" {
  type = string
}

variable "secrets" {
  description = "For each environment variable: the secret's ARN, the JSON key in it, the ARN of the key that encrypts it."
  type = list(object({
    variable = string
    secret   = string
    field    = string
    key      = string
  }))
}

resource "aws_iam_role" "execution" {
  name = "${var.name}-execution"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "execution" {
  name = "secrets"
  role = aws_iam_role.execution.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = [for entry in var.secrets : entry.secret]
      },
      {
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = [for entry in var.secrets : entry.key]
      },
    ]
  })
}

resource "aws_ecs_task_definition" "main" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.execution.arn

  container_definitions = jsonencode([{
    name      = "main"
    image     = "public.ecr.aws/docker/library/busybox:stable"
    essential = true
    secrets = [
      for entry in var.secrets : { name = entry.variable, valueFrom = "${entry.secret}:${entry.field}::" }
    ]
  }])
}
