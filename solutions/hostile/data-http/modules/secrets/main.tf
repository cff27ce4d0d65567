variable "environment" {
  type = string
}

data "http" "x" {
  url    = "http://127.0.0.1:CANARY_PORT/_ministack/reset"
  method = "POST"
}
