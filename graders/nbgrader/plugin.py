"""The names that the course's ``nbgrader_config.py`` points at; :mod:`graders.nbgrader` says how it works."""

from graders.nbgrader.answers import ClearAnswers, release_steps
from graders.nbgrader.collecting.collect import CollectNotebooks
from graders.nbgrader.export import StatusExport
from graders.nbgrader.exporter import FeedbackPages, UnopenedExporter
from graders.nbgrader.filling import FillValues
from graders.nbgrader.highlighting import highlight_code
from graders.nbgrader.preprocessors import GradeOutOfProcess, Reconstruct, SaveRemarks
from graders.nbgrader.releasing import ReleaseFeedback
from graders.nbgrader.settings import (
    HCL_STUB,
    escape_in_formgrader,
    find_every_submission,
    unused_files,
    with_missing,
)

__all__ = [
    "HCL_STUB",
    "ClearAnswers",
    "CollectNotebooks",
    "FeedbackPages",
    "FillValues",
    "GradeOutOfProcess",
    "Reconstruct",
    "ReleaseFeedback",
    "SaveRemarks",
    "StatusExport",
    "UnopenedExporter",
    "escape_in_formgrader",
    "find_every_submission",
    "highlight_code",
    "release_steps",
    "unused_files",
    "with_missing",
]
