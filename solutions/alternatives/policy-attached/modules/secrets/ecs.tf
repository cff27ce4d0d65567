resource "aws_ecs_task_definition" "app" {
  family                   = "app-${var.environment}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.execution.arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "ARM64"
  }

  container_definitions = jsonencode([
    {
      name                   = "app"
      image                  = "public.ecr.aws/docker/library/node:22-slim"
      essential              = true
      readonlyRootFilesystem = true
      secrets = [
        { name = "DB_USERNAME", valueFrom = "${aws_secretsmanager_secret.app.arn}:username::" },
        { name = "DB_PASSWORD", valueFrom = "${aws_secretsmanager_secret.app.arn}:password::" },
      ]
    },
  ])

  # ECS would check the rights only when a task starts; this makes sure that they are there before the task can be.
  depends_on = [aws_iam_role_policy_attachment.rights]
}
