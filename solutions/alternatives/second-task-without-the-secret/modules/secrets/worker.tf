# The worker only resizes pictures: it never talks to the database.
resource "aws_iam_role" "worker_execution" {
  name               = "${var.environment}-worker-execution"
  assume_role_policy = data.aws_iam_policy_document.ecs_tasks_may_assume.json
}

resource "aws_iam_role_policy_attachment" "worker_execution" {
  role       = aws_iam_role.worker_execution.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_ecs_task_definition" "worker" {
  family                   = "${var.environment}-a-worker"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.worker_execution.arn

  container_definitions = jsonencode([
    {
      name        = "worker"
      image       = "public.ecr.aws/docker/library/busybox:stable"
      essential   = true
      environment = [{ name = "QUEUE", value = "${var.environment}-pictures" }]
    },
  ])
}
