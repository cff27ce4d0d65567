"""A submission: what a person handed in, read as bytes, never executed and never followed outside its own directory.

Three shapes are read (directory, archive, notebooks); all give the same
:class:`Submission` with the same digest for the same files, so the verdict does not depend on the packaging.
"""

from lab_env.submission.confined import read_submission
from lab_env.submission.find import find_submissions
from lab_env.submission.load import load_submission
from lab_env.submission.model import CellSpan, SourceFile, Submission, SubmissionRef

__all__ = [
    "CellSpan",
    "SourceFile",
    "Submission",
    "SubmissionRef",
    "find_submissions",
    "load_submission",
    "read_submission",
]
