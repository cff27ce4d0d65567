locals {
  db_password = base64decode("R3Jhbml0ZS1IYXJib3ItNDEtVmlvbGV0")
}
