"""How a result is shown, whatever front end asks: views, cards, and the words and widths of a terminal."""
