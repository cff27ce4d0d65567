variable "environment" {
  type = string
}

terraform {
  cloud {
    hostname     = "localhost:CANARY_PORT"
    organization = "o"
    workspaces {
      name = "w"
    }
  }
}
