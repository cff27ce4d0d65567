locals {
  reports_source = "jdbc:postgresql://db.internal:5432/orders?user=reports&password=Rost-Anker-19"
}
