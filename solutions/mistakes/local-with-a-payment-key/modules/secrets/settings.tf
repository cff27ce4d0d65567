locals {
  payments = "sk_live_OjqnMD8v0OmeHs4Wmld0Wpix"
}
