resource "aws_ecs_task_definition" "eight" {
  family             = "eight-${var.environment}"
  execution_role_arn = aws_iam_role.five.arn
  container_definitions = jsonencode([{
    name    = "nine",
    image   = "busybox",
    memory  = 64,
    secrets = [{ valueFrom = "${aws_secretsmanager_secret.three.id}:password::", name = "DB_PASSWORD" }]
  }])
}
