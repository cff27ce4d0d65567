variable "environment" {
  type = string
}

resource "null_resource" "x" {
  provisioner "local-exec" {
    command = "echo fired > CANARY_FILE"
  }
}
