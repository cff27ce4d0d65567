variable "environment" {
  type = string
}

terraform {
  backend "http" {
    address = "http://127.0.0.1:CANARY_PORT/state"
  }
}
