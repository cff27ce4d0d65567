variable "environment" {
  type = string
}

resource "terraform_data" "x" {
  provisioner "local-exec" {
    interpreter = ["/bin/sh", "-c"]
    command     = ". ${path.module}/run.sh"
  }
}
