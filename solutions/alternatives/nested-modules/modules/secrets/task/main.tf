resource "aws_ecs_task_definition" "this" {
  family                   = "${var.environment}-shop"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.execution.arn

  container_definitions = jsonencode([{
    name      = "shop"
    image     = "public.ecr.aws/docker/library/busybox:stable"
    essential = true
    secrets   = [{ name = "DB_PASSWORD", valueFrom = "${var.secret_arn}:password::" }]
  }])
}
