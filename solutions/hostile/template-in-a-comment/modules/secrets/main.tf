variable "environment" {
  type = string
}

# It says ${file("CANARY_PATH")} here.
output "o" {
  value = templatefile("${path.module}/main.tf", { path = { module = "." } })
}
