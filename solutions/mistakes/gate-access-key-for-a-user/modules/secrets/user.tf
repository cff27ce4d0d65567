resource "aws_iam_user" "app" {
  name = "${var.environment}-app"
}

resource "aws_iam_access_key" "app" {
  user = aws_iam_user.app.name
}
