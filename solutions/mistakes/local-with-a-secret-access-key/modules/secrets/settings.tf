locals {
  backup_secret = "rCIu1isc4UxdJDJmATl4/GjUQg1Aoe+aSYeUXzEN"
}
