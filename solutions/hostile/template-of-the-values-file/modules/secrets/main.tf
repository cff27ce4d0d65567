variable "environment" {
  type = string
}

output "o" {
  value = file("${path.module}/x.auto.tfvars")
}
