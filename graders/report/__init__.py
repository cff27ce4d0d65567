"""What the grader hands out: JSON for machines, one HTML page for people, CSV for spreadsheets, a table for terminals.

Every text that a learner can influence (file names, source lines, Terraform's messages, a submission's name) passes
through :func:`lab_env.text.visible` before it is shown, and through the format's own escaping after that.
"""
