variable "environment" {
  type = string
}

resource "aws_kms_key" "k" {}

output "a\n}\nmodule \"a\" {\n  source = \"http://127.0.0.1:CANARY_PORT/module.zip\"\n}\nlocals {\n  b = 1" {
  value = 1
}
