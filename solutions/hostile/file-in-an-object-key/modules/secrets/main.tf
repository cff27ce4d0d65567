variable "environment" {
  type = string
}

output "o" {
  value = { (trimspace(file("CANARY_PATH"))) = 1 }
}
