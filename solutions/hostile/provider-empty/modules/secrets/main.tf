variable "environment" {
  type = string
}

provider "aws" {}
