locals {
  password_length        = 32
  password_max_age_days  = 90
  token_lifetime         = "15m"
  api_key_rotation       = "P30D"
  secret_version_to_keep = 3
}

output "password_rules" {
  description = "How long a password is and how many days it lasts."
  value       = [local.password_length, local.password_max_age_days]
}
