"""The learner's own deployment, for notebook and terminal: what is deployed, in which account, and how it changes."""
