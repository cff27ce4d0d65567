"""The lessons in a terminal: what the released notebooks hold, in the words of verbs, as text of any width."""
