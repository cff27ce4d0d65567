variable "subnet_ids" {
  description = "Private subnets of the service; they come from the network module."
  type        = list(string)
  default     = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
}

resource "aws_ecs_cluster" "main" {
  name = "${var.environment}-cluster"

  setting {
    name  = "containerInsights"
    value = "enabled"
  }

  tags = {
    Environment = var.environment
  }
}

resource "aws_ecs_service" "api" {
  name            = "${var.environment}-api"
  cluster         = aws_ecs_cluster.main.id
  task_definition = aws_ecs_task_definition.api.arn
  launch_type     = "FARGATE"
  # JSON keys in valueFrom need 1.4.0, which is what LATEST means today.
  platform_version = "1.4.0"
  desired_count    = 0

  network_configuration {
    subnets = var.subnet_ids
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  # An operator sets how many tasks run; AWS decides on the other where nothing is said.
  lifecycle {
    ignore_changes = [desired_count, availability_zone_rebalancing]
  }

  depends_on = [aws_iam_role_policy.read_database_secret]
}

resource "aws_ecs_task_definition" "api" {
  family                   = "${var.environment}-api"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.execution.arn

  container_definitions = jsonencode([
    {
      name         = "api"
      image        = "public.ecr.aws/docker/library/httpd:2.4"
      essential    = true
      portMappings = [{ containerPort = 80 }]
      healthCheck = {
        command  = ["CMD-SHELL", "test -f /usr/local/apache2/logs/httpd.pid"]
        interval = 30
      }
      secrets = [
        { name = "DB_PASSWORD", valueFrom = "${aws_secretsmanager_secret.database.arn}:password::" },
      ]
    },
  ])
}
