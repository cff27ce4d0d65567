variable "alias" {
  description = "Name of the key, without alias/ before it."
  type        = string
}

variable "tags" {
  type = map(string)
}

resource "aws_kms_key" "main" {
  description             = "Key behind alias/${var.alias}"
  enable_key_rotation     = true
  deletion_window_in_days = 7
  tags                    = var.tags
}

resource "aws_kms_alias" "main" {
  name          = "alias/${var.alias}"
  target_key_id = aws_kms_key.main.key_id
}

output "key" {
  description = "The key's id and ARN."
  value = {
    id  = aws_kms_key.main.key_id
    arn = aws_kms_key.main.arn
  }
}
