variable "environment" {
  type = string
}

check "c" {
  data "terraform_remote_state" "x" {
    backend = "http"
    config = {
      address = "http://127.0.0.1:CANARY_PORT/state"
    }
  }

  assert {
    condition     = can(data.terraform_remote_state.x.outputs)
    error_message = "No."
  }
}
