variable "environment" {
  type = string
}

module "m" {
  source = "../../../neighbour/modules/secrets"
  environment = "dev"
}
