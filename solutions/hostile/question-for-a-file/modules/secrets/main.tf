variable "environment" {
  type = string
}

output "o" {
  value = fileexists("CANARY_PATH")
}
