variable "environment" {
  type = string
}

terraform {
  backend "local" {
    path = "CANARY_FILE"
  }
}

output "o" {
  value = 1
}
