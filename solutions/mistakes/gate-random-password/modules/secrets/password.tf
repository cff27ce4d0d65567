resource "random_password" "database" {
  length  = 32
  special = false
}
