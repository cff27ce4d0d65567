variable "environment" {
  type = string
}

output "o" {
  value = templatefile("${path.module}/text.tftpl", { here = path.module })
}
