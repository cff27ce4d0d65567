# A second attempt that was never removed.
resource "aws_kms_key" "secrets" {
  description             = "Encrypts the application's secrets"
  deletion_window_in_days = 7
  enable_key_rotation     = true
}
