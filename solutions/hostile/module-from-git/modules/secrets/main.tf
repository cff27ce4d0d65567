variable "environment" {
  type = string
}

module "m" {
  source = "git::http://127.0.0.1:CANARY_PORT/module.git"
}
