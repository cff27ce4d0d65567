"""What people start: the command line, the notebook's magics, and what both do."""
