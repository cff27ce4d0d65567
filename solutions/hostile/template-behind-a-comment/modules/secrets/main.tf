variable "environment" {
  type = string
}

output "o" {
  value = templatefile("${path.module}/text.tftpl", {})
}
