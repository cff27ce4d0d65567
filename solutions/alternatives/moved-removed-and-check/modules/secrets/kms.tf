resource "aws_kms_key" "secrets" {
  description             = "Encrypts the application's secrets"
  deletion_window_in_days = 7
  enable_key_rotation     = true

  tags = {
    Environment = var.environment
    ManagedBy   = "Terraform"
  }

  lifecycle {
    prevent_destroy = true

    postcondition {
      condition     = self.enable_key_rotation
      error_message = "The key must renew its material."
    }
  }
}

resource "aws_kms_alias" "secrets" {
  name          = "alias/app-secrets-${var.environment}"
  target_key_id = aws_kms_key.secrets.key_id

  lifecycle {
    precondition {
      condition     = length(var.environment) <= 32
      error_message = "The environment's name is too long."
    }
  }
}
