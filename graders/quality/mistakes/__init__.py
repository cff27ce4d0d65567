"""Beginners' mistakes: what Terraform, the gate, AWS and the lab say to each, and whether the line put right really is."""
