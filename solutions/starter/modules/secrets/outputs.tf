# What other modules need to know: the ARNs of the key, the secret, the role and the task definition.
# An output's value is kept in the state file in plain text, so think about what must not be one.
