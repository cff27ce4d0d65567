variable "environment" {
  type = string
}

resource "aws_kms_key" "k" {}

import {
  to = aws_kms_key.k
  id = "arn:aws:kms:us-east-1:000000000001:key/other"
}
