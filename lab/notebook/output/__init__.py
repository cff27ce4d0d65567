"""How a result is shown in a notebook and, in plain text, everywhere else: cards, pages, live outputs, errors."""
