variable "environment" {
  type = string
}

locals {
  t = <<EOT
$${file("CANARY_PATH")}
EOT
}

output "o" {
  value = templatestring(local.t, {})
}
