variable "environment" {
  type = string
}

output "o" {
  value = file("${path.module}/../../../../secret/canary.txt")
}
