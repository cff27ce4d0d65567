variable "environment" {
  type = string
}

check "c" {
  assert {
    condition     = var.environment == "none"
    error_message = "It says ${file("CANARY_PATH")}."
  }
}
