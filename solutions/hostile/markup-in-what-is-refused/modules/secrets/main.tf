variable "environment" {
  type = string
}

resource "</td><script>alert(1)</script>" "=cmd|' /C calc'!A0" {}
