variable "environment" {
  type = string
}

rеsource "aws_kms_key" "x" {}
