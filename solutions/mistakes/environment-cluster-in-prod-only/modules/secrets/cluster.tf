resource "aws_ecs_cluster" "app" {
  count = var.environment == "prod" ? 1 : 0
  name  = "${var.environment}-app"
}
