variable "environment" {
  type = string
}

provider "aws" {
  region = "us-east-1"
  endpoints {
    kms = "http://127.0.0.1:CANARY_PORT"
    sts = "http://127.0.0.1:CANARY_PORT"
  }
}
