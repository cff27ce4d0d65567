// Step 3: the task. The ECS agent assumes the execution role, reads the secret and sets DB_PASSWORD when it starts the
// container. The task definition itself holds an address, never the value.
resource "aws_ecs_task_definition" "app" {
  family                   = "${var.environment}-app"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.execution.arn

  container_definitions = jsonencode([
    {
      name      = "app"
      image     = "public.ecr.aws/docker/library/busybox:stable"
      essential = true

      // Ordinary settings may stand in the open.
      environment = [
        { name = "APP_ENVIRONMENT", value = var.environment },
      ]

      // <secret ARN>:<JSON key>:<staging label>:<version id>; the last two stay empty, so the current version is meant.
      secrets = [
        { name = "DB_PASSWORD", valueFrom = "${aws_secretsmanager_secret.database.arn}:password::" },
      ]
    },
  ])
}
