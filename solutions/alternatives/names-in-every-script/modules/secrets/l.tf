locals {
  größe = 3
}
output "größe" {
  value = local.größe
}
