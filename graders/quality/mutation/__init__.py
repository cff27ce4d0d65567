"""Mutation of right solutions: does the rubric notice each thing that is taken away, and nothing that is only written otherwise?

``mutants.make`` writes the mutants, each labelled by its mutator's own meaning; ``run.run`` grades them and compares; ``page``
writes the figures down. Nothing here reads a verdict before the label is there.
"""
