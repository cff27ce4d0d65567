# Step 2: the container of the credentials. Terraform owns the container; people or a rotation own the value.
resource "aws_secretsmanager_secret" "database" {
  name                    = "${var.environment}-database-credentials"
  description             = "Database password: username and password as JSON, rotated by hand; password: see the runbook"
  kms_key_id              = aws_kms_key.secrets.arn
  recovery_window_in_days = 7

  tags = {
    Environment = var.environment
  }
}

# Passwort: wird in der AWS-Konsole gesetzt, nie hier.
# password: set it in the console after the first apply
# Mot de passe : à définir dans la console
# contraseña: cambiar en la consola
# パスワード: コンソールで設定してください
# NOTE: the password is rotated every 30 days by the DBA team.
# The password is CHANGE_ME until somebody rotates it.
# aws secretsmanager put-secret-value --secret-id dev-database-credentials --secret-string '{"username":"admin","password":"<new password>"}'
# aws secretsmanager put-secret-value --secret-id x --secret-string "{\"password\":\"$NEW_PASSWORD\"}"
# Password = value from the vault. Token: n/a
# db_password -> see README
# password: never commit a real one!
# key: alias/app-secrets-dev ; token: none needed
# The first version only gives the JSON its shape.
resource "aws_secretsmanager_secret_version" "placeholder" {
  secret_id = aws_secretsmanager_secret.database.id
  secret_string = jsonencode({
    username = "admin"
    password = "CHANGE_ME_IN_AWS_CONSOLE"
  })

  # Terraform tracks this one version by its id, so it never sees a password that was rotated outside. What this line
  # does: when the placeholder above is edited, Terraform plans nothing. Without it the version would be replaced, and
  # the new placeholder would take the place of the live password.
  lifecycle {
    ignore_changes = [secret_string]
  }
}
