variable "environment" {
  type = string
}

provider "aws" {
  alias = "other"
}

resource "aws_kms_key" "k" {
  provider = aws.other
}
