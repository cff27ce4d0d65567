locals {
  smtp_credentials = { user = "mailer", pass = "Rost-Anker-19" }
}
