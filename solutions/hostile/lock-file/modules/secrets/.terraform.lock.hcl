provider "registry.terraform.io/hashicorp/aws" {
  version = "1.0.0"
  hashes  = ["h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]
}

provider "localhost:CANARY_PORT/mallory/evil" {
  version = "1.0.0"
}
