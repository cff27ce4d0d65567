variable "environment" {
  type = string
}

resource "terraform_data" "x" {
  provisioner "remote-exec" {
    inline = ["id"]
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
