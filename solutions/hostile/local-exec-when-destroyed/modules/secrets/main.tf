variable "environment" {
  type = string
}

resource "terraform_data" "x" {
  provisioner "local-exec" {
    when    = destroy
    command = "echo fired > CANARY_FILE"
  }
}
