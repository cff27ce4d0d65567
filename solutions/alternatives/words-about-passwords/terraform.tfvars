environment = "dev"
# db_password = "set in console"
