variable "еnvironment" {
  default = "dev"
}

locals {}
