variable "environment" {
  type = string
}

variable "v" {
  default = "v"
  validation {
    condition     = var.v == "none"
    error_message = "It says ${file("CANARY_PATH")}."
  }
}
