variable "environment" {
  type = string
}

module "m" {
  source = "http://127.0.0.1:CANARY_PORT/_ministack/state?archive=zip"
}
