# Step 3: the task that needs the password.
#
# Create a task definition for Fargate with one essential container that gets the environment variable DB_PASSWORD out
# of the secret when it starts: the value of the JSON key "password", and always the current one. The password itself
# appears nowhere in this file, in the state or in the task definition.
