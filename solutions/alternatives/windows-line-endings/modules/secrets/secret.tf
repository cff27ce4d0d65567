// Step 2: the container of the credentials. Terraform owns the container; people or a rotation own the value.
resource "aws_secretsmanager_secret" "database" {
  name                    = "${var.environment}-database-credentials"
  description             = "Credentials of the application's PostgreSQL database"
  kms_key_id              = aws_kms_key.secrets.arn
  recovery_window_in_days = 7

  tags = {
    Environment = var.environment
  }
}

// The first version only gives the JSON its shape.
resource "aws_secretsmanager_secret_version" "placeholder" {
  secret_id = aws_secretsmanager_secret.database.id
  secret_string = jsonencode({
    username = "admin"
    password = "CHANGE_ME_IN_AWS_CONSOLE"
  })

  // Terraform tracks this one version by its id, so it never sees a password that was rotated outside. What this line
  // does: when the placeholder above is edited, Terraform plans nothing. Without it the version would be replaced, and
  // the new placeholder would take the place of the live password.
  lifecycle {
    ignore_changes = [secret_string]
  }
}
