"""The ground: what grading and learning stand on. Knows nothing of marks or of people."""
