variable "environment" {
  type = string
}

module "m" {
  source    = "./a"
  providers = { aws = aws }
}
