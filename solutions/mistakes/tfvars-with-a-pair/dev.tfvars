environment  = "dev"
admin_login  = ["admin", "Moewe!Kutter7"]
subnet_names = ["a", "b"]
