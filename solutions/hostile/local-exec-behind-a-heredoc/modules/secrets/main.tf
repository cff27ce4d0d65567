variable "environment" {
  type = string
}

locals {
  a = <<EOT
text
EOT 
}
resource "terraform_data" "x" {
  provisioner "local-exec" {
    command = "echo fired > CANARY_FILE"
  }
}
locals {
  b = <<EOT
EOT
}
