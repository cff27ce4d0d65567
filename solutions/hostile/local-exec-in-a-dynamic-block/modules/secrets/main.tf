variable "environment" {
  type = string
}

resource "aws_kms_key" "k" {
  dynamic "provisioner" {
    for_each = ["local-exec"]
    content {
      command = "echo fired > CANARY_FILE"
    }
  }
}
