# The labels of the module's first release.
moved {
  from = aws_kms_key.main
  to   = aws_kms_key.secrets
}

moved {
  from = aws_secretsmanager_secret.db_credentials
  to   = aws_secretsmanager_secret.database
}

# A log group that another module looks after now.
removed {
  from = aws_cloudwatch_log_group.app

  lifecycle {
    destroy = false
  }
}

check "key_is_ours" {
  assert {
    condition     = aws_secretsmanager_secret.database.kms_key_id == aws_kms_key.secrets.arn
    error_message = "The secret is not encrypted with this module's key."
  }
}
