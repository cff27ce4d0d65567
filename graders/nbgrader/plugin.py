"""The names that the course's ``nbgrader_config.py`` points at; :mod:`graders.nbgrader` says how it works."""

from graders.nbgrader.collecting.collect import CollectNotebooks
from graders.nbgrader.export import StatusExport
from graders.nbgrader.exporter import UnopenedExporter
from graders.nbgrader.feedback_pages import FeedbackExporter, highlight_code
from graders.nbgrader.preprocessors import GradeOutOfProcess, Reconstruct, SaveRemarks
from graders.nbgrader.settings import (
    HCL_STUB,
    escape_in_formgrader,
    find_every_submission,
    unused_files,
    with_missing,
)

__all__ = [
    "HCL_STUB",
    "CollectNotebooks",
    "FeedbackExporter",
    "GradeOutOfProcess",
    "Reconstruct",
    "SaveRemarks",
    "StatusExport",
    "UnopenedExporter",
    "escape_in_formgrader",
    "find_every_submission",
    "highlight_code",
    "unused_files",
    "with_missing",
]
