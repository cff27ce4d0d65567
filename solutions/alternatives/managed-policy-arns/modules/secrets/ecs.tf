data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      identifiers = ["ecs-tasks.amazonaws.com"]
      type        = "Service"
    }
  }
}

resource "aws_iam_policy" "read_secret" {
  name = "${var.environment}-read-secret"

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = aws_secretsmanager_secret.s.arn }]
  })
}

resource "aws_iam_policy" "use_key" {
  name = "${var.environment}-use-key"

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = aws_kms_key.k.arn }]
  })
}

resource "aws_iam_role" "r" {
  name               = "${var.environment}-r"
  assume_role_policy = data.aws_iam_policy_document.assume.json

  managed_policy_arns = [
    aws_iam_policy.read_secret.arn,
    aws_iam_policy.use_key.arn,
  ]
}

resource "aws_ecs_task_definition" "t" {
  family                   = "${var.environment}-t"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.r.arn

  container_definitions = jsonencode([{
    name  = "c"
    image = "public.ecr.aws/docker/library/busybox:stable"
    secrets = [{
      name      = "DB_PASSWORD",
      valueFrom = "${aws_secretsmanager_secret.s.arn}:password::"
    }]
  }])
}
