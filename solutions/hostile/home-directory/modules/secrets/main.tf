variable "environment" {
  type = string
}

output "o" {
  value = pathexpand("~/.aws/credentials")
}
