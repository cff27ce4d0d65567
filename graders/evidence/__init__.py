"""What is seen of a submission: its files, its plans, what was deployed, and what the drills showed. Nothing is judged here."""
