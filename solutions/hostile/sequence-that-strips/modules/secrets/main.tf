variable "environment" {
  type = string
}

output "o" {
  value = "a ${~ file("CANARY_PATH") ~} b"
}
