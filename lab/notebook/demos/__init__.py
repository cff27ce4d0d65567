"""What the lessons show by doing it: keys, leaks, secrets, Terraform, each on an account of its own."""
