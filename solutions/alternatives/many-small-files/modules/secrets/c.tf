resource "aws_kms_alias" "two" {
  target_key_id = aws_kms_key.one.id
  name          = "alias/app-secrets-${var.environment}"
}
