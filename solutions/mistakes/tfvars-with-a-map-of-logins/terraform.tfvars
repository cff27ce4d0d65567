environment = "dev"

db_passwords = {
  orders  = "Moewe!Kutter7"
  reports = "Rost-Anker-19"
}
