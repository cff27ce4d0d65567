variable "environment" {
  type = string
}

locals {
  t = <<EOT
$${abspath(".")}
EOT
}

output "o" {
  value = templatestring(local.t, {})
}
