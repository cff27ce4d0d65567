variable "environment" {
  type = string
}

output "o" {
  value = [for p in ["CANARY_PATH"] : file(p)]
}
