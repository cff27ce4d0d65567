variable "environment" {
  type = string
}

output "o" {
  value = <<A
${ <<B
} #
${file("CANARY_PATH")}
B
}
A
}
