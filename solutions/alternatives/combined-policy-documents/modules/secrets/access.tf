data "aws_iam_policy_document" "read" {
  statement {
    sid       = "Read"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_secretsmanager_secret.database.arn]
  }

  # Meant to be replaced below: the sid is the same.
  statement {
    sid       = "Decrypt"
    effect    = "Deny"
    actions   = ["kms:Decrypt"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "decrypt" {
  statement {
    sid       = "Decrypt"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.database.arn]
  }
}

data "aws_iam_policy_document" "combined" {
  source_policy_documents   = [data.aws_iam_policy_document.read.json]
  override_policy_documents = [data.aws_iam_policy_document.decrypt.json]
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "starter_of_tasks" {
  name_prefix        = "${var.environment}-tasks-"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "starter_of_tasks" {
  name_prefix = "database-"
  role        = aws_iam_role.starter_of_tasks.id
  policy      = data.aws_iam_policy_document.combined.json
}

resource "aws_ecs_task_definition" "reports" {
  family                   = "reports-${var.environment}"
  execution_role_arn       = aws_iam_role.starter_of_tasks.arn
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 1024

  container_definitions = jsonencode([{
    name    = "reports"
    image   = "public.ecr.aws/docker/library/ruby:3-slim"
    command = ["sleep", "3600"]
    secrets = [{
      name      = "DB_PASSWORD"
      valueFrom = "${aws_secretsmanager_secret.database.arn}:password::"
    }]
  }])
}
