# Step 3: the task. The ECS agent assumes the execution role, reads the secret and sets DB_PASSWORD when it starts the
# container. The task definition itself holds an address, never the value.
resource "aws_ecs_task_definition" "app" {
  family                   = "${var.environment}-app"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.execution.arn

  container_definitions = jsonencode([
    {
      name             = "app"
      image            = "public.ecr.aws/docker/library/busybox:stable"
      essential        = true
      command          = ["sh", "-c", "exec app --user $DB_USERNAME --password \"$DB_PASSWORD\""]
      healthCheck      = { command = ["CMD-SHELL", "PGPASSWORD=$DB_PASSWORD pg_isready || exit 1"] }
      portMappings     = [{ containerPort = 8080 }]
      dockerLabels     = { team = "payments", secret-policy = "rotate" }
      logConfiguration = { logDriver = "awslogs", options = { awslogs-group = "/ecs/app", awslogs-region = "us-east-1", awslogs-stream-prefix = "app" } }

      # Ordinary settings may stand in the open.
      environment = [
        { name = "APP_ENVIRONMENT", value = var.environment },
        { name = "DB_HOST", value = "db.${var.environment}.internal" },
        { name = "DB_PORT", value = "5432" },
        { name = "DB_NAME", value = "app" },
        { name = "SECRET_ARN", value = aws_secretsmanager_secret.database.arn },
        { name = "SECRET_NAME", value = aws_secretsmanager_secret.database.name },
        { name = "DB_SECRET_ID", value = aws_secretsmanager_secret.database.id },
        { name = "DB_PASSWORD_FILE", value = "/run/secrets/db_password" },
        { name = "KMS_KEY_ID", value = aws_kms_key.secrets.key_id },
        { name = "PASSWORD_MIN_LENGTH", value = "16" },
        { name = "TOKEN_TTL_SECONDS", value = "3600" },
        { name = "AUTH_TOKEN_ISSUER", value = "https://login.example.com" },
        { name = "JDBC_URL", value = "jdbc:postgresql://db.internal:5432/app?user=app" },
      ]

      # <secret ARN>:<JSON key>:<staging label>:<version id>; the last two stay empty, so the current version is meant.
      secrets = [
        { name = "DB_USERNAME", valueFrom = "${aws_secretsmanager_secret.database.arn}:username::" },
        { name = "DB_PASSWORD", valueFrom = "${aws_secretsmanager_secret.database.arn}:password::" },
      ]
    },
  ])
}
