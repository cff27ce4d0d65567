"""The names that the course's ``nbgrader_config.py`` points at; :mod:`graders.nbgrading` says how it works."""

from graders.nbgrading.collect import CollectNotebooks
from graders.nbgrading.export import StatusExport
from graders.nbgrading.exporter import UnopenedExporter
from graders.nbgrading.preprocessors import GradeOutOfProcess, Reconstruct, SaveRemarks
from graders.nbgrading.settings import HCL_STUB, escape_in_formgrader, unused_files, with_missing

__all__ = [
    "HCL_STUB",
    "CollectNotebooks",
    "GradeOutOfProcess",
    "Reconstruct",
    "SaveRemarks",
    "StatusExport",
    "UnopenedExporter",
    "escape_in_formgrader",
    "unused_files",
    "with_missing",
]
