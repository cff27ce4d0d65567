variable "environment" {
  type = string
}

resource "aws_kms_key" "k" {
  connection {
    host = "127.0.0.1"
    port = CANARY_PORT
  }
}
