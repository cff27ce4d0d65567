locals {
  database = {
    name        = join("-", [var.environment, "database", "credentials"])
    description = "Credentials of the database"
  }
}
