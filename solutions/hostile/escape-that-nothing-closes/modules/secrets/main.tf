variable "environment" {
  type = string
}

output "o" {
  value = "$${ ${file("CANARY_PATH")}"
}
