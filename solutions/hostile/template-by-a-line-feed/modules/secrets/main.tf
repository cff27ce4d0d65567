variable "environment" {
  type = string
}

output "o" {
  value = templatefile("${path.module}/a\nb.tftpl", {})
}
