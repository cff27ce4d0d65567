variable "environment" {
  type = string
}

check "c" {
  assert {
    condition     = false
    error_message = "It says ${file("CANARY_PATH")}."
  }
}
