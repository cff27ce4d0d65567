"""One module a verb: a function whose parameters are the options and whose docstring is the help."""
