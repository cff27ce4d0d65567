# Step 3, continued: who may read the secret.
#
# The ECS agent fetches the secret before the container starts. Which of a task's two roles does it use for that?
# Create that role so that only ECS tasks may assume it, and allow it exactly what the agent needs:
#   - to read the value of this one secret,
#   - to decrypt with this one key.
# Nothing else, and nobody else.
