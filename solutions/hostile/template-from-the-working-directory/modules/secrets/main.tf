variable "environment" {
  type = string
}

output "o" {
  value = templatefile("${path.cwd}/../../../../secret/canary.txt", {})
}
