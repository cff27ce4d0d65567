variable "environment" {
  type = string
}

terraform {
  required_providers {
    aws = {
      source = "localhost:CANARY_PORT/mallory/aws"
    }
  }
}
