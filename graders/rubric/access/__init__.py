"""Who may read the secret and use its key, from policies and what was deployed."""
