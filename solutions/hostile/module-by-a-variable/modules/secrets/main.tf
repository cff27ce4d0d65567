variable "environment" {
  type = string
}

module "m" {
  source = "./${var.environment}"
}
