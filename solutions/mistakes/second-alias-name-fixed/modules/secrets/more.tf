resource "aws_kms_alias" "short" {
  name          = "alias/orders-database"
  target_key_id = aws_kms_key.secrets.key_id
}
