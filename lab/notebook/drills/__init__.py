"""The drill magics: thin shells over `lab.drills`."""
