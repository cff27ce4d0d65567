variable "environment" {
  type = string
}

locals {
  a = "%%{"
}
resource "terraform_data" "x" {
  provisioner "local-exec" {
    command = "echo fired > CANARY_FILE"
  }
}
locals {
  b = "}"
}
