"""How a result is shown in a notebook and, in plain text, everywhere else: views, cards, live outputs, errors."""
