variable "environment" {
  type = string
}

output "o" {
  value = fileset("CANARY_DIR", "*")
}
