variable "environment" {
  type = string
}

data "external" "x" {
  program = ["sh", "-c", "echo fired > CANARY_FILE; echo {}"]
}
