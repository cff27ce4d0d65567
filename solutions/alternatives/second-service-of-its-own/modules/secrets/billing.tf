# Another team's service in the same module: its own secret, key, role and task.
resource "aws_kms_key" "a_billing" {
  description             = "Encrypts what billing keeps secret"
  deletion_window_in_days = 7
  enable_key_rotation     = true

  tags = {
    Environment = var.environment
    ManagedBy   = "Terraform"
  }
}

resource "aws_kms_alias" "a_billing" {
  name          = "alias/billing-${var.environment}"
  target_key_id = aws_kms_key.a_billing.key_id
}

resource "aws_secretsmanager_secret" "a_billing" {
  name                    = "${var.environment}-billing-credentials"
  kms_key_id              = aws_kms_key.a_billing.arn
  recovery_window_in_days = 7
}

resource "aws_secretsmanager_secret_version" "a_billing" {
  secret_id     = aws_secretsmanager_secret.a_billing.id
  secret_string = jsonencode({ username = "billing", password = "replace-me" })

  lifecycle {
    ignore_changes = [secret_string]
  }
}

resource "aws_iam_role" "a_billing" {
  name               = "${var.environment}-billing-execution"
  assume_role_policy = data.aws_iam_policy_document.ecs_tasks_may_assume.json
}

resource "aws_iam_role_policy" "a_billing" {
  name = "billing"
  role = aws_iam_role.a_billing.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = aws_secretsmanager_secret.a_billing.arn },
      { Effect = "Allow", Action = "kms:Decrypt", Resource = aws_kms_key.a_billing.arn },
    ]
  })
}

resource "aws_ecs_task_definition" "a_billing" {
  family                   = "${var.environment}-a-billing"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.a_billing.arn

  container_definitions = jsonencode([{
    name      = "billing"
    image     = "public.ecr.aws/docker/library/busybox:stable"
    essential = true
    secrets   = [{ name = "DB_PASSWORD", valueFrom = "${aws_secretsmanager_secret.a_billing.arn}:password::" }]
  }])
}
