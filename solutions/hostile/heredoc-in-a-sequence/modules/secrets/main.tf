variable "environment" {
  type = string
}

output "o" {
  value = "${ <<E
}"
${file("CANARY_PATH")}
E
  }"
}
