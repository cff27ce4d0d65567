# Step 1: a customer-managed key.
#
# Create a KMS key that
#   - says in its description what it is for,
#   - renews its key material automatically,
#   - waits 7 days before a deletion becomes final,
#   - carries the tags Environment (the environment) and ManagedBy (Terraform).
#
# Give it an alias: alias/app-secrets- followed by the environment.
