variable "environment" {
  type = string
}

terraform {
  provider_meta "aws" {
    user_agent = ["x"]
  }
}
