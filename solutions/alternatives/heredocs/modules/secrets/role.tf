resource "aws_iam_role" "main" {
  name               = "web-${var.environment}-execution"
  assume_role_policy = <<-JSON
    {
      "Version": "2012-10-17",
      "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"},
        "Action": "sts:AssumeRole"
      }
    }
  JSON
}

resource "aws_iam_role_policy" "main" {
  name   = "secrets"
  role   = aws_iam_role.main.id
  policy = <<-JSON
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "Secret",
          "Effect": "Allow",
          "Action": "secretsmanager:GetSecretValue",
          "Resource": "${aws_secretsmanager_secret.main.arn}"
        },
        {
          "Sid": "Key",
          "Effect": "Allow",
          "Action": "kms:Decrypt",
          "Resource": "${aws_kms_key.main.arn}"
        }
      ]
    }
  JSON
}
