"""One session of a learner's: where the files are, the engine, the account, Terraform; and which cell wrote which line."""
