locals {
  credentials = base64encode(aws_secretsmanager_secret_version.placeholder.secret_string)
}
