data "aws_region" "current" {}

resource "aws_cloudwatch_log_group" "router" {
  name              = "/ecs/${var.environment}-app/router"
  retention_in_days = 7
}

locals {
  router = {
    name                  = "router"
    image                 = "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable"
    essential             = true
    firelensConfiguration = { type = "fluentbit" }
    memoryReservation     = 64

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        "awslogs-group"         = aws_cloudwatch_log_group.router.name
        "awslogs-region"        = data.aws_region.current.name
        "awslogs-stream-prefix" = "router"
      }
    }
  }

  helper = {
    name        = "helper"
    image       = "public.ecr.aws/docker/library/busybox:stable"
    essential   = false
    command     = ["sh", "-c", "echo ready"]
    environment = [{ name = "ROLE", value = "helper" }]
  }

  app = {
    name      = "app"
    image     = "public.ecr.aws/docker/library/busybox:stable"
    essential = true
    dependsOn = [
      { containerName = local.helper.name, condition = "SUCCESS" },
      { containerName = local.router.name, condition = "START" },
    ]
    secrets = [
      { name = "DB_PASSWORD", valueFrom = "${aws_secretsmanager_secret.database.arn}:password::" },
    ]
    logConfiguration = {
      logDriver = "awsfirelens"
      options   = { Name = "stdout" }
    }
  }
}

resource "aws_ecs_task_definition" "app" {
  family                   = "${var.environment}-app"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 512
  memory                   = 1024
  execution_role_arn       = aws_iam_role.execution.arn
  container_definitions    = jsonencode(concat([local.router, local.helper], [local.app]))
}
