variable "environment" {
  type = string
}

resource "aws_kms_key" "k" {
  description = "k"

  provisioner "local-exec" {
    command = "echo fired > CANARY_FILE"
  }
}
