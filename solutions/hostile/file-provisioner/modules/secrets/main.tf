variable "environment" {
  type = string
}

resource "terraform_data" "x" {
  provisioner "file" {
    source      = "CANARY_PATH"
    destination = "/tmp/x"
    connection {
      type     = "ssh"
      host     = "127.0.0.1"
      port     = CANARY_PORT
      user     = "u"
      password = "p"
      timeout  = "2s"
    }
  }
}
