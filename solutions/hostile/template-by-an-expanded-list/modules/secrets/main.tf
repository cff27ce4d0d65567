variable "environment" {
  type = string
}

output "o" {
  value = templatefile(["CANARY_PATH", {}]...)
}
