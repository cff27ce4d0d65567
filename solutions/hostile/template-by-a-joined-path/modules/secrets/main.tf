variable "environment" {
  type = string
}

output "o" {
  value = templatefile("${path.module}/${local.up}/secret/canary.txt", {})
}

locals {
  up = "../../../.."
}
