# Step 2: the container of the database credentials.
#
# Create a Secrets Manager secret that
#   - is named after the environment, followed by -database-credentials,
#   - is encrypted with your key from step 1, not with the one AWS would take by itself,
#   - can be recovered for 7 days after a deletion,
#   - carries the tag Environment.
#
# Give it a first version: a JSON object with a username and a password. The password is only a placeholder, and it
# should be plain to see that it is one. Then think about the day after a person has set the real password: somebody
# edits the placeholder here and applies. See to it that the live password is still there afterwards.
