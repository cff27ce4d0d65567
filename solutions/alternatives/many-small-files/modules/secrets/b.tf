resource "aws_kms_key" "one" {
  enable_key_rotation     = true
  deletion_window_in_days = 7
  tags                    = { Environment = var.environment, ManagedBy = "Terraform" }
}
