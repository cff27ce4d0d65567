resource "aws_ecs_cluster" "main" {
  name = "${var.environment}-orders"

  setting {
    name  = "containerInsights"
    value = contains(["prod", "staging"], var.environment) ? "enabled" : "disabled"
  }
}
