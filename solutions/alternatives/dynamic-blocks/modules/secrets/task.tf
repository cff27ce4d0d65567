resource "aws_ecs_task_definition" "service" {
  family                   = "${var.settings.service}-${var.environment}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.settings.cpu
  memory                   = var.settings.memory
  execution_role_arn       = aws_iam_role.execution.arn
  tags                     = local.tags

  dynamic "volume" {
    for_each = ["cache"]

    content {
      name = volume.value
    }
  }

  container_definitions = jsonencode([
    for name in [var.settings.service] : {
      name        = name
      image       = var.settings.image
      essential   = true
      mountPoints = [{ sourceVolume = "cache", containerPath = "/var/cache/app", readOnly = false }]
      secrets     = [{ name = "DB_PASSWORD", valueFrom = "${aws_secretsmanager_secret.credentials.arn}:password::" }]
    }
  ])
}
