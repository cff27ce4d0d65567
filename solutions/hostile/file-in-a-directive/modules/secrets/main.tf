variable "environment" {
  type = string
}

output "o" {
  value = "%{ for l in split("\n", file("CANARY_PATH")) }${l}%{ endfor }"
}
