"""Where the learner left off, and starting again."""
