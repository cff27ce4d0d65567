variable "environment" {
  type = string
}

module "a" {
  source = "../other"
}
