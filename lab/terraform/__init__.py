"""Terraform's commands on a learner's files: `%terraform` and `lab terraform` run them and show what they plan and do."""
