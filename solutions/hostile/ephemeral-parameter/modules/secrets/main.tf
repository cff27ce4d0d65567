variable "environment" {
  type = string
}

ephemeral "aws_ssm_parameter" "x" {
  arn = "arn:aws:ssm:us-east-1:000000000001:parameter/other"
}
