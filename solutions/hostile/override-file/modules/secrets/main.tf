variable "environment" {
  type = string
}

locals {
  a = 1
}
