variable "environment" {
  type = string
}

module "m" {
  source = "localhost:CANARY_PORT/a/b/c"
}
