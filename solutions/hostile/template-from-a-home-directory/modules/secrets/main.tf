variable "environment" {
  type = string
}

output "o" {
  value = templatefile("~/.bashrc", {})
}
