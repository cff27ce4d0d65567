resource "aws_ecs_cluster" "main" {
  name = "${var.environment}-orders"

  tags = {
    Environment = "staging"
  }
}
