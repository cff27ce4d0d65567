"""``%lab_check``: runs the grader on the workspace and shows the verdicts."""
