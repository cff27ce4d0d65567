locals {
  db_password = join("-", ["Granite", "Harbor", "41-Violet"])
}
