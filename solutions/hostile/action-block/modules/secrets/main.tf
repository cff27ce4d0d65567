variable "environment" {
  type = string
}

action "aws_lambda_invoke" "x" {
  config {
    function_name = "f"
  }
}
