resource "aws_kms_key" "this" {
  description             = "Key of ${var.service}'s secrets"
  enable_key_rotation     = true
  deletion_window_in_days = 7
  tags                    = { Environment = var.environment, ManagedBy = "Terraform", Service = var.service }
}

resource "aws_kms_alias" "this" {
  name          = "alias/app-secrets-${var.environment}"
  target_key_id = aws_kms_key.this.arn
}
