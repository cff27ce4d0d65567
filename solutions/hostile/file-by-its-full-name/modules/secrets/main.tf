variable "environment" {
  type = string
}

output "o" {
  value = core::file("CANARY_PATH")
}
