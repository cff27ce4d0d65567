resource "aws_ecs_task_definition" "main" {
  family                   = "web-${var.environment}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 1024
  memory                   = 2048
  execution_role_arn       = aws_iam_role.main.arn

  container_definitions = <<TASK
[
  {
    "name": "web",
    "image": "public.ecr.aws/docker/library/httpd:2.4",
    "essential": true,
    "environment": [
      {"name": "DB_HOST", "value": "db.${var.environment}.internal"},
      {"name": "DB_PORT", "value": "5432"}
    ],
    "secrets": [
      {
        "name": "DB_PASSWORD",
        "valueFrom": "${aws_secretsmanager_secret.main.arn}:password::"
      }
    ]
  }
]
TASK
}
