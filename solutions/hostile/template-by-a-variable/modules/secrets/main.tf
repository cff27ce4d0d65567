variable "environment" {
  type = string
}

variable "where" {
  default = "CANARY_PATH"
}

output "o" {
  value = templatefile(var.where, {})
}
