locals {
  client_settings = <<-EOT
    [client]
    user=admin
    password=Granite-Harbor-41-Violet
  EOT
}
