variable "environment" {
  type = string
}

provider "aws" {
  shared_credentials_files = ["CANARY_PATH"]
  profile                  = "default"
}
