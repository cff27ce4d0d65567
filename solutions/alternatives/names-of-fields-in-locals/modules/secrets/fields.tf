locals {
  fields = {
    db_username = "username"
    db_password = "password"
  }

  secret_key       = "password"
  password_env     = "DB_PASSWORD"
  credentials_name = "${var.environment}-database-credentials"
}
