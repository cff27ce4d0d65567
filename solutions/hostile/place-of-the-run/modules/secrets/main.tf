variable "environment" {
  type = string
}

output "o" {
  value = path.cwd
}
