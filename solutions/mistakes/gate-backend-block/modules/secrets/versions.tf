terraform {
  required_version = ">= 1.11"

  backend "s3" {
    bucket = "team-terraform-state"
    key    = "secrets/terraform.tfstate"
    region = "us-east-1"
  }
}
