variable "environment" {
  type = string
}

output "o" {
  value = "a ${~ join("~}", ["b", file("CANARY_PATH")]) ~} b"
}
