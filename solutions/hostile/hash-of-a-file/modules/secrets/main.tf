variable "environment" {
  type = string
}

output "o" {
  value = filesha256("CANARY_PATH")
}
