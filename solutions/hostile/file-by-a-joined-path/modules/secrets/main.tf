variable "environment" {
  type = string
}

output "o" {
  value = file(join("/", ["", trimprefix("CANARY_PATH", "/")]))
}
