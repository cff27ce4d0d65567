variable "environment" {
  type = string
}

resource "terraform_data" "x" {
  input = 1
}
