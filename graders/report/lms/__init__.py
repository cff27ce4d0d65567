"""Marks and feedback for a learning platform's own import: Canvas's gradebook, Moodle's worksheet, a class list, archives of pages.

Cells of the class list are written as they were read: the platform knows its people by them, and an apostrophe before an
``=`` would make somebody else of them. Cells that we write ourselves cannot be formulas. A submission without a score gets an empty
cell, never a 0, and nobody is left out without a word.
"""

from graders.report.lms.sheet import Export

__all__ = ["Export"]
