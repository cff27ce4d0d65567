resource "aws_kms_key" "spare" {
  description             = "Spare key"
  deletion_window_in_days = 7
  enable_key_rotation     = true
}
