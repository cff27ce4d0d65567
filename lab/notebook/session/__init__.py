"""One kernel's session: the workspace, its engine, its account."""
