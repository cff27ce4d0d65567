"""The names that the course's ``nbgrader_config.py`` points at; :mod:`graders.nbgrader` says how it works."""

from graders.nbgrader.collecting.collect import CollectNotebooks
from graders.nbgrader.export import StatusExport
from graders.nbgrader.exporter import FeedbackPages, UnopenedExporter
from graders.nbgrader.preprocessors import GradeOutOfProcess, Reconstruct, SaveRemarks
from graders.nbgrader.settings import HCL_STUB, escape_in_formgrader, unused_files, with_missing

__all__ = [
    "HCL_STUB",
    "CollectNotebooks",
    "FeedbackPages",
    "GradeOutOfProcess",
    "Reconstruct",
    "SaveRemarks",
    "StatusExport",
    "UnopenedExporter",
    "escape_in_formgrader",
    "unused_files",
    "with_missing",
]
