locals {
  from = {
    DB_PASSWORD = "${aws_secretsmanager_secret.database.arn}:password::"
    DB_USERNAME = "${aws_secretsmanager_secret.database.arn}:username::"
  }
}
