"""How a view is put out in a notebook: once or live, and errors in a line or two."""
