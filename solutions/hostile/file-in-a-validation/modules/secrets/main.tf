variable "environment" {
  type = string
}

variable "v" {
  default = "v"
  validation {
    condition     = false
    error_message = "It says ${file("CANARY_PATH")}."
  }
}
