locals {
  database_url = "postgres://admin:Granite-Harbor-41-Violet@db.internal:5432/app"
}
