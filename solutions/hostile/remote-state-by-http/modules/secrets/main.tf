variable "environment" {
  type = string
}

data "terraform_remote_state" "x" {
  backend = "http"
  config = {
    address = "http://127.0.0.1:CANARY_PORT/state"
  }
}
