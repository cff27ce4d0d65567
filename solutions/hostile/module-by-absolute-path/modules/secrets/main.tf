variable "environment" {
  type = string
}

module "m" {
  source = "CANARY_DIR"
}
