variable "environment" {
  type = string
}

output "o" {
  value = core::fileset("CANARY_DIR", "*")
}
