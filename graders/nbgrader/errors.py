"""What can go wrong that is nobody's submission."""

from __future__ import annotations

from lab_env.errors import LabError


class CourseError(LabError):
    """The course directory is not what the grader needs: no release, a check cell without requirements."""


class NoMarkError(LabError):
    """There is no mark, by a fault of the grader or the engine: nothing is saved, and nothing older may stand for it."""
