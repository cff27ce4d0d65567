"""Many submissions in one run: order, what is kept of an earlier run, and the backends that do the work."""
