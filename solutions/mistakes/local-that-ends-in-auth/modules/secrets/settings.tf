locals {
  cache_auth = "Moewe!Kutter7"
}
