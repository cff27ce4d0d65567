resource "aws_iam_role" "five" {
  assume_role_policy = jsonencode({
    Version   = "2012-10-17",
    Statement = { Effect = "Allow", Principal = { Service = "ecs-tasks.amazonaws.com" }, Action = "sts:AssumeRole" }
  })
}
