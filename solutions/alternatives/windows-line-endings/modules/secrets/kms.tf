/* Written on Windows:
   the lines end in CR LF, and comments have all three forms. */

// Step 1: a key of our own. Its policy, its rotation and its audit trail are ours to decide, which is not so for the
// key that AWS manages for Secrets Manager (aws/secretsmanager).
resource "aws_kms_key" "secrets" {
  description             = "Encrypts the application's secrets"
  deletion_window_in_days = 7
  enable_key_rotation     = true # AWS renews the key material once a year; this changes no password.

  tags = {
    Environment = var.environment
    ManagedBy   = "Terraform"
  }
}

// A name that people can read. Policies name the key by its ARN, never by this alias.
resource "aws_kms_alias" "secrets" {
  name          = "alias/app-secrets-${var.environment}"
  target_key_id = aws_kms_key.secrets.key_id
}
