variable "environment" {
  type = string
}

resource "terraform_data" "x" {
  provisioner "local-exec" {
    command = "exec 3<>/dev/tcp/127.0.0.1/CANARY_PORT && printf 'POST /_ministack/reset HTTP/1.0\r\n\r\n' >&3"
    interpreter = ["/bin/bash", "-c"]
  }
}
