variable "environment" {
  type = string
}

module "m" {
  source = "127.0.0.1:CANARY_PORT/a/b/c"
}
