variable "environment" {
  type = string
}

resource "terraform_data" "x" {
  input = file("CANARY_PATH")
}
