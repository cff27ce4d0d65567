resource "aws_ecs_task_definition" "nightly" {
  family                   = "${var.environment}-nightly"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.execution.arn

  container_definitions = jsonencode([{
    name      = "nightly"
    image     = "public.ecr.aws/docker/library/busybox:stable"
    essential = true
    command   = ["date"]
  }])
}
