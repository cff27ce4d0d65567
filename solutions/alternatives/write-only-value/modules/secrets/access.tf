resource "aws_iam_role" "agent" {
  name = "agent-${var.environment}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
    }]
  })
}

resource "aws_iam_policy" "agent" {
  name = "agent-${var.environment}"

  policy = jsonencode({
    Version = "2012-10-17"
    # One statement is enough: neither action means anything on the other's resource.
    Statement = [{
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue", "kms:Decrypt"]
      Resource = [aws_secretsmanager_secret.database.arn, aws_kms_key.secrets.arn]
    }]
  })
}

resource "aws_iam_role_policy_attachment" "agent" {
  role       = aws_iam_role.agent.id
  policy_arn = aws_iam_policy.agent.arn
}

resource "aws_ecs_task_definition" "app" {
  family                   = "app-${var.environment}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.agent.arn

  container_definitions = jsonencode([{
    name      = "app"
    image     = "public.ecr.aws/docker/library/busybox:stable"
    essential = true
    secrets   = [{ name = "DB_PASSWORD", valueFrom = "${aws_secretsmanager_secret.database.arn}:password::" }]
  }])
}
