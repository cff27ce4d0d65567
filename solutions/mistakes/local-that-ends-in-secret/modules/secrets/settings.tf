locals {
  session_secret = "Moewe!Kutter7"
}
