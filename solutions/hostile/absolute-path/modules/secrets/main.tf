variable "environment" {
  type = string
}

output "o" {
  value = abspath(path.module)
}
