locals {
  db_password = "Granite-Harbor-41-Violet"
}
