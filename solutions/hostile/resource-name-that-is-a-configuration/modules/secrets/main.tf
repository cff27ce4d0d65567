variable "environment" {
  type = string
}

resource "aws_kms_key" "k\"] = 1\n}\nprovider \"aws\" {" {}
