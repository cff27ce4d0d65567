variable "environment" {
  type = string
}

resource "aws_kms_kеy" "x" {}
