variable "environment" {
  type = string
}

locals {}
