locals {
  names = {
    role   = "${var.environment}-app-execution"
    family = "${var.environment}-app"
  }
}
