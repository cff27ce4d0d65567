variable "environment" {
  type = string
}

terraform {
  required_providers {
    aws = {
      source = "mallory/aws"
    }
  }
}
