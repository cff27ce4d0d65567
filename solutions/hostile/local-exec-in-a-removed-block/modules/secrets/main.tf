variable "environment" {
  type = string
}

removed {
  from = terraform_data.gone

  lifecycle {
    destroy = true
  }

  provisioner "local-exec" {
    when    = destroy
    command = "echo fired > CANARY_FILE"
  }
}
