variable "environment" {
  type = string
}

provider "aws" {
  access_key = "000000000001"
  secret_key = "test"
}
