variable "environment" {
  type = string
}

output "o" {
  value = <<EOT
${file("CANARY_PATH")}
EOT
}
