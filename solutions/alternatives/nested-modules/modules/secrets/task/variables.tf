variable "environment" {
  type = string
}

variable "key_arn" {
  type = string
}

variable "secret_arn" {
  type = string
}
