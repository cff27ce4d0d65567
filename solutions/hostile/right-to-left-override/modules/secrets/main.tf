variable "environment" {
  type = string
}

locals {
  a = "‮⁦ # pass ⁩"
}

resource "aws_s3_‮tekcub" "x" {}
