data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account     = data.aws_caller_identity.current.account_id
  secret_arns = "arn:${data.aws_partition.current.partition}:secretsmanager:${data.aws_region.current.name}:${local.account}:secret"
}

resource "aws_iam_role" "execution" {
  name = "${var.environment}-app-execution"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "read_database_secret" {
  name = "read-database-secret"
  role = aws_iam_role.execution.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = "secretsmanager:GetSecretValue"
        # Secrets Manager ends every ARN with a hyphen and six random characters.
        Resource = "${local.secret_arns}:${var.environment}-database-credentials-??????"
      },
      {
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = aws_kms_key.secrets.arn
      },
    ]
  })
}
