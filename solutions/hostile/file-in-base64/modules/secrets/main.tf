variable "environment" {
  type = string
}

output "o" {
  value = filebase64("CANARY_PATH")
}
