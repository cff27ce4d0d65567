locals {
  database = "${var.environment}-database-credentials"
}
