variable "environment" {
  type = string
}

output "o" {
  value = templatefile("${path.root}/main.tf", {})
}
