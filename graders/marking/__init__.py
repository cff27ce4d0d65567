"""What becomes of verdicts: the instructor's policy, names and pseudonyms, grading again, checking a result file."""
