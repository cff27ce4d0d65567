variable "environment" {
  type = string
}

locals {
  a = “x”
}
