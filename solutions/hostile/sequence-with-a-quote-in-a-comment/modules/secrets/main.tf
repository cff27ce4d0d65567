variable "environment" {
  type = string
}

resource "terraform_data" "x" {
  input = "${
    1 # }" /*
  }"
  provisioner "local-exec" {
    command = "echo fired > CANARY_FILE"
  }
  # */
}
