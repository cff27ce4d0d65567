resource "aws_ecs_cluster" "own" {
  for_each = toset([for name in ["prod", "live"] : name if name == var.environment])

  name = "${each.key}-orders"
}
