# The key of the former module; it was deleted long ago.
resource "aws_kms_alias" "former" {
  name          = "alias/former-${var.environment}"
  target_key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"
}
