locals {
  token_endpoint     = "https://login.example.com/oauth2/token"
  password_reset_url = "https://orders.example.com/password/reset"
  auth_issuer        = "https://login.example.com/realms/orders"
  database_url       = "postgresql://db.internal:5432/orders?sslmode=require"
}
