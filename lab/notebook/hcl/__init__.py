"""``%%hcl``: a cell that is a file, its problems, and which cells the files came from."""
