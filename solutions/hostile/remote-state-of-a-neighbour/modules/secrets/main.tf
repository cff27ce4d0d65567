variable "environment" {
  type = string
}

data "terraform_remote_state" "x" {
  backend = "local"
  config = {
    path = "CANARY_STATE"
  }
}

output "o" {
  value = data.terraform_remote_state.x.outputs
}
